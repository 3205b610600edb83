// SPDX-License-Identifier: Apache-2.0

/// The body of `PUT /send`, read item by item: one bad item never condemns the others.
/// Source: Server-Server API, "Transactions".
package struct Transaction: Sendable {
    package static let maxPDUs = 50
    package static let maxEDUs = 100

    package let pdus: [PDUFacts]
    package let edus: [EDUFacts]
    /// Top-level members that the specification does not name, at most eight of them (AC-75).
    package let unknownMembers: [String]

    /// What condemns the transaction as a whole.
    package enum Fault: Error, Hashable, Sendable {
        /// 400 `M_BAD_JSON`, `json.invalid`.
        case malformed(Member)
        /// More than 50 events or 100 EDUs: 400 `M_BAD_JSON`, `pdu.limits`.
        case tooMany(Member)
        /// A number outside of the events that canonical JSON does not have: 400 `M_BAD_JSON`, `json.number`.
        case number
        /// The body names another origin than the header: 403 `M_FORBIDDEN`, `send.origin_mismatch`.
        case origin
    }

    package enum Member: String, Hashable, Sendable {
        case body, origin, pdus, edus
        case timestamp = "origin_server_ts"
    }

    /// - Parameters:
    ///   - origin: who signed the request.
    ///   - destination: who receives it; to-device messages are for its users.
    package init(_ document: JSONDocument, origin: ServerName, destination: ServerName) throws(Fault) {
        guard document.kind(document.root) == .object else { throw .malformed(.body) }
        var pduList: JSONDocument.Node?
        var eduList: JSONDocument.Node?
        var unknown: [String] = []
        for (key, value) in document.members(of: document.root) {
            if document.isText(key, "pdus") {
                guard document.kind(value) == .array else { throw .malformed(.pdus) }
                pduList = value
                continue
            }
            if document.nonCanonicalNumber(in: value) != nil { throw .number }
            if document.isText(key, "edus") {
                guard document.kind(value) == .array else { throw .malformed(.edus) }
                eduList = value
            } else if document.isText(key, "origin") {
                guard document.kind(value) == .string else { throw .malformed(.origin) }
                guard document.stringEquals(value, origin.text) else { throw .origin }
            } else if document.isText(key, "origin_server_ts") {
                guard document.kind(value) == .integer else { throw .malformed(.timestamp) }
            } else if unknown.count < 8 {
                unknown.append(String(decoding: (document.decodedBytes(key) ?? []).prefix(255), as: UTF8.self))
            }
        }
        unknownMembers = unknown
        pdus = try Self.pdus(document, pduList, origin)
        edus = try Self.edus(document, eduList, origin, destination)
    }

    private static func pdus(
        _ document: JSONDocument, _ list: JSONDocument.Node?, _ origin: ServerName
    ) throws(Fault) -> [PDUFacts] {
        guard let list else { return [] }
        let count = document.count(list)
        guard count <= maxPDUs else { throw .tooMany(.pdus) }
        var reader = PDUReader(document, likely: origin)
        var pdus: [PDUFacts] = []
        pdus.reserveCapacity(count)
        for node in document.elements(of: list) { pdus.append(reader.read(node)) }
        return pdus
    }

    private static func edus(
        _ document: JSONDocument, _ list: JSONDocument.Node?, _ origin: ServerName, _ destination: ServerName
    ) throws(Fault) -> [EDUFacts] {
        guard let list else { return [] }
        let count = document.count(list)
        guard count <= maxEDUs else { throw .tooMany(.edus) }
        let reader = EDUReader(document, origin: origin, destination: destination)
        var edus: [EDUFacts] = []
        edus.reserveCapacity(count)
        for node in document.elements(of: list) { edus.append(reader.read(node)) }
        return edus
    }
}
