// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import NIOCore

/// The answer to a transaction of which nothing went on: 200 with an error for each event (decision 3).
///
/// Spec: Server-Server API, "Transactions", PDU processing results. EDUs have no results.
enum TransactionAnswer {
    /// - Parameter record: the number of the decision's record.
    static func body(
        _ transaction: Transaction, in document: JSONDocument, record: UInt64, _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var body = allocator.buffer(capacity: 32 + transaction.pdus.count * 128)
        var isFirst = true
        body.writeStaticString(#"{"pdus":{"#)
        for pdu in transaction.pdus {
            for id in pdu.eventIDs(in: document) {
                if !isFirst { body.writeStaticString(",") }
                isFirst = false
                body.writeStaticString("\"")
                writeEscaped(id, to: &body)
                body.writeStaticString(#"":{"error":"not passed on by this server's federation gateway, record "#)
                body.writeString(String(record))
                body.writeStaticString(#""}"#)
            }
        }
        body.writeStaticString("}}")
        return body
    }

    /// Event ids of room versions 1 and 2 are a peer's own text.
    private static func writeEscaped(_ text: String, to body: inout ByteBuffer) {
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: body.writeBytes([0x5C, byte])
            case 0..<0x20: body.writeString("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: body.writeInteger(byte)
            }
        }
    }
}
