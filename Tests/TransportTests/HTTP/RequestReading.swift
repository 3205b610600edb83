// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import Transport

/// One request as the machine gave it out, in a form that compares.
struct ReadRequest: Hashable {
    var method: HTTPMethod
    var target: String
    var fields: [String]
    var body: [UInt8]
    var isKeepAlive: Bool
}

/// Everything the machine made of a byte stream.
struct Reading: Hashable {
    var requests: [ReadRequest] = []
    /// Heads seen, also of requests that did not become whole.
    var heads = 0
    var refusal: HTTPRefusal?

    /// Feeds `pieces` to a machine, accepting bodies up to `limit`.
    init(_ pieces: [ArraySlice<UInt8>], limit: Int = 1_000_000) {
        var machine = HTTPRequestMachine()
        var buffer = ByteBuffer()
        var head: HTTPRequestHead?
        var body: [UInt8] = []
        for piece in pieces {
            buffer.writeBytes(piece)
            reading: while true {
                switch machine.next(&buffer) {
                case .needMoreBytes: break reading
                case .head(let read):
                    heads += 1
                    head = read
                    body = []
                    if let refusal = machine.acceptBody(limit: limit) {
                        self.refusal = refusal
                    }
                case .part(let part): body += Array(part.readableBytesView)
                case .end:
                    guard let head else { break }
                    requests.append(
                        ReadRequest(
                            method: head.method, target: head.text(head.target),
                            fields: head.fields.map { "\(head.text($0.name)): \(head.text($0.value))" }, body: body,
                            isKeepAlive: head.isKeepAlive))
                case .refused(let refusal): self.refusal = refusal
                }
            }
        }
    }

    init(_ text: String) { self.init([ArraySlice(text.utf8)]) }
    init(_ bytes: [UInt8]) { self.init([bytes[...]]) }
}
