// SPDX-License-Identifier: Apache-2.0

/// Reads events one after the other, each in one pass over its members.
///
/// Checked is what holds in every room version: types, presence, sizes, counts. The order of the checks decides which of
/// several faults is named. Source: room versions, "Event format"; Server-Server API, "PDUs"; Client-Server API, "Size limits".
struct PDUReader {
    private let document: JSONDocument
    private var roomText = RepeatedText()
    private var senderText = RepeatedText()
    private var typeText = RepeatedText()
    /// The server of the last sender, at first of whoever sent the request: mostly the next one's too.
    private var server: ServerName?
    private var serverBytes: [UInt8]

    init(_ document: JSONDocument, likely server: ServerName? = nil) {
        self.document = document
        self.server = server
        serverBytes = [UInt8]((server?.text ?? "").utf8)
    }

    /// The nodes of an event's members that are looked at.
    private struct Members {
        var type, sender, roomID, stateKey, eventID, content, hashes, signatures, depth, timestamp: JSONDocument.Node?
        var previousEvents, authEvents: JSONDocument.Node?
    }

    mutating func read(_ node: JSONDocument.Node) -> PDUFacts {
        guard document.kind(node) == .object else {
            return PDUFacts(
                node: node, roomID: nil, sender: "", authorServer: nil, type: "", stateKey: nil, claimedEventID: nil,
                fault: .malformed(.event))
        }
        let members = findMembers(of: node)
        let type = members.type.flatMap { isString($0) ? typeText.text(of: $0, in: document) : nil }
        let sender = readSender(members.sender)
        let stateKey = members.stateKey.flatMap { document.string($0) }
        let room = members.roomID.flatMap { isString($0) ? roomText.text(of: $0, in: document) : nil }
        let eventID = members.eventID.flatMap { document.string($0) }
        return PDUFacts(
            node: node, roomID: room, sender: sender ?? "", authorServer: sender == nil ? nil : server,
            type: type ?? "", stateKey: stateKey, claimedEventID: eventID,
            fault: shapeFault(members) ?? sizeFault(node) ?? lengthFault(members))
    }

    private mutating func readSender(_ node: JSONDocument.Node?) -> String? {
        guard let node, isString(node) else { return nil }
        if !senderText.isRepeated(node, in: document), server == nil || !document.isUser(node, of: serverBytes) {
            server = document.server(of: node, sigil: UInt8(ascii: "@"))
            serverBytes = [UInt8]((server?.text ?? "").utf8)
        }
        return senderText.text(of: node, in: document)
    }

    private func isString(_ node: JSONDocument.Node) -> Bool { document.kind(node) == .string }

    private func findMembers(of node: JSONDocument.Node) -> Members {
        var found = Members()
        for (key, value) in document.members(of: node) {
            switch document.stringLength(key) {
            case 4: if document.isText(key, "type") { found.type = value }
            case 5: if document.isText(key, "depth") { found.depth = value }
            case 6:
                if document.isText(key, "sender") {
                    found.sender = value
                } else if document.isText(key, "hashes") {
                    found.hashes = value
                }
            case 7:
                if document.isText(key, "room_id") {
                    found.roomID = value
                } else if document.isText(key, "content") {
                    found.content = value
                }
            case 8: if document.isText(key, "event_id") { found.eventID = value }
            case 9: if document.isText(key, "state_key") { found.stateKey = value }
            case 10: if document.isText(key, "signatures") { found.signatures = value }
            case 11:
                if document.isText(key, "prev_events") {
                    found.previousEvents = value
                } else if document.isText(key, "auth_events") {
                    found.authEvents = value
                }
            case 16: if document.isText(key, "origin_server_ts") { found.timestamp = value }
            default: break
            }
        }
        return found
    }

    /// What is wrong with an event's members, lengths and numbers aside.
    func shapeFault(_ node: JSONDocument.Node) -> PDUFacts.Fault? {
        document.kind(node) == .object ? shapeFault(findMembers(of: node)) : .malformed(.event)
    }

    /// Which identifier of an event of good shape is too long.
    func lengthFault(_ node: JSONDocument.Node) -> PDUFacts.Fault? { lengthFault(findMembers(of: node)) }

    private func shapeFault(_ members: Members) -> PDUFacts.Fault? {
        identifierFault(members) ?? structureFault(members)
    }

    private func identifierFault(_ members: Members) -> PDUFacts.Fault? {
        guard let type = members.type, isString(type) else { return .malformed(.type) }
        guard let sender = members.sender, isString(sender),
            server.map({ _ in document.isUser(sender, of: serverBytes) }) ?? false
                || document.server(of: sender, sigil: UInt8(ascii: "@")) != nil
        else { return .malformed(.sender) }
        if let stateKey = members.stateKey, !isString(stateKey) { return .malformed(.stateKey) }
        if let room = members.roomID {
            guard document.hasSigil(room, UInt8(ascii: "!")) else { return .malformed(.roomID) }
        } else {
            // Only the create event of a room of version 12 has none.
            guard document.isText(type, "m.room.create"), members.stateKey.map({ document.isText($0, "") }) ?? false
            else { return .malformed(.roomID) }
        }
        if let eventID = members.eventID, !document.hasSigil(eventID, UInt8(ascii: "$")) { return .malformed(.eventID) }
        return nil
    }

    private func lengthFault(_ members: Members) -> PDUFacts.Fault? {
        func isLong(_ node: JSONDocument.Node?) -> Bool {
            node.map { document.stringLength($0) > JSONDocument.maxIdentifierBytes } ?? false
        }
        if isLong(members.type) { return .limits(.type) }
        if isLong(members.sender) { return .limits(.sender) }
        if isLong(members.stateKey) { return .limits(.stateKey) }
        if isLong(members.roomID) { return .limits(.roomID) }
        if isLong(members.eventID) { return .limits(.eventID) }
        return nil
    }

    private func structureFault(_ members: Members) -> PDUFacts.Fault? {
        func isObject(_ node: JSONDocument.Node?) -> Bool { node.map { document.kind($0) == .object } ?? false }
        guard isObject(members.content) else { return .malformed(.content) }
        guard isObject(members.hashes) else { return .malformed(.hashes) }
        guard isObject(members.signatures) else { return .malformed(.signatures) }
        guard let time = members.timestamp, document.kind(time) == .integer else { return .malformed(.timestamp) }
        // The reference refuses other depths in all room versions; 2^63−1 was exploited (CVE-2018-10657).
        guard let depth = members.depth, document.isCanonicalInteger(depth), (document.integer(depth) ?? -1) >= 0 else {
            return .malformed(.depth)
        }
        return referencesFault(members.previousEvents, .previousEvents, PDUFacts.maxPreviousEvents)
            ?? referencesFault(members.authEvents, .authEvents, PDUFacts.maxAuthEvents)
    }

    /// A list of event identifiers, or in room versions 1 and 2 of pairs `[id, hashes]`.
    private func referencesFault(
        _ node: JSONDocument.Node?, _ member: PDUFacts.Member, _ limit: Int
    ) -> PDUFacts.Fault? {
        guard let node, document.kind(node) == .array else { return .malformed(member) }
        var count = 0
        for element in document.elements(of: node) {
            count += 1
            if count > limit { return .limits(member) }
            var identifier = element
            if document.kind(element) == .array {
                var pair = document.elements(of: element)
                guard let first = pair.next() else { return .malformed(member) }
                identifier = first
            }
            guard document.kind(identifier) == .string else { return .malformed(member) }
            guard document.stringLength(identifier) <= JSONDocument.maxIdentifierBytes else { return .limits(member) }
        }
        return nil
    }

    private func sizeFault(_ node: JSONDocument.Node) -> PDUFacts.Fault? {
        if document.nonCanonicalNumber(in: node) != nil { return .number }
        // The canonical form is never longer than the text once the numbers are canonical.
        guard document.rawRange(node).count > PDUFacts.maxBytes else { return nil }
        return document.canonical(node).count > PDUFacts.maxBytes ? .limits(.event) : nil
    }
}
