// SPDX-License-Identifier: Apache-2.0

/// Writes the redacted form of an event as canonical JSON, without making the form first.
/// Source: Room Versions, "Redactions".
struct RedactedEvent {
    private let document: JSONDocument
    private let node: JSONDocument.Node
    private let version: RoomVersion

    init(_ event: EventForm) {
        document = event.document
        node = event.node
        version = event.version
    }

    func bytes(withSignatures: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(min(document.rawRange(node).count, 2_048))
        let type = document.value("type", of: node)
        appendObject(node, to: &output) { key, _ in
            if document.isText(key, "signatures") { return withSignatures ? .whole : .nothing }
            if document.isText(key, "content") { return .content }
            if isCreateOfHashedRoom(type), document.isText(key, "room_id") { return .nothing }
            return keepsTopLevel(key) ? .whole : .nothing
        } content: { content, output in
            appendContent(content, type: type, to: &output)
        }
        return output
    }

    private enum Part {
        case whole, nothing, content
    }

    /// Writes the members that are kept, in canonical order.
    private func appendObject(
        _ object: JSONDocument.Node, to output: inout [UInt8], part: (JSONDocument.Node, JSONDocument.Node) -> Part,
        content: (JSONDocument.Node, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: "{"))
        let first = output.count
        for (key, value) in document.canonicalMembers(of: object) {
            let part = part(key, value)
            if part == .nothing { continue }
            if output.count > first { output.append(UInt8(ascii: ",")) }
            document.appendCanonical(key, to: &output)
            output.append(UInt8(ascii: ":"))
            if part == .content {
                content(value, &output)
            } else {
                document.appendCanonical(value, to: &output)
            }
        }
        output.append(UInt8(ascii: "}"))
    }

    private func isCreateOfHashedRoom(_ type: JSONDocument.Node?) -> Bool {
        version.roomIDIsHash && (type.map { document.isText($0, "m.room.create") } ?? false)
    }

    private func keepsTopLevel(_ key: JSONDocument.Node) -> Bool {
        for name in Self.keptByAll where document.stringEquals(key, name) { return true }
        guard version.redaction.keepsLegacyMembers else { return false }
        for name in Self.keptByOld where document.stringEquals(key, name) { return true }
        return false
    }

    private static let keptByAll: [StaticString] = [
        "event_id", "type", "room_id", "sender", "state_key", "hashes", "depth", "prev_events", "auth_events",
        "origin_server_ts",
    ]
    private static let keptByOld: [StaticString] = ["prev_state", "origin", "membership"]

    private func appendContent(
        _ content: JSONDocument.Node, type: JSONDocument.Node?, to output: inout [UInt8]
    ) {
        let rules = version.redaction
        if rules.keepsRoomRules, let type, document.isText(type, "m.room.create") {
            document.appendCanonical(content, to: &output)
            return
        }
        let kept = type.map(keptContent) ?? []
        let isMember = type.map { document.isText($0, "m.room.member") } ?? false
        appendObject(content, to: &output) { key, value in
            for name in kept where document.stringEquals(key, name) { return .whole }
            let isInvite = rules.keepsRoomRules && isMember && document.isText(key, "third_party_invite")
            return isInvite && document.kind(value) == .object ? .content : .nothing
        } content: { invite, output in
            // Of a third-party invite only the signed part.
            appendObject(invite, to: &output) { key, _ in
                document.isText(key, "signed") ? .whole : .nothing
            } content: { _, _ in
            }
        }
    }

    /// Whether room versions differ in what they keep of the content of events of a type.
    static func dependsOnVersion(_ type: String) -> Bool {
        switch type {
        case "m.room.member", "m.room.create", "m.room.join_rules", "m.room.power_levels", "m.room.aliases",
            "m.room.redaction":
            true
        default: false
        }
    }

    private func keptContent(_ type: JSONDocument.Node) -> [StaticString] {
        let rules = version.redaction
        if document.isText(type, "m.room.member") {
            return rules.keepsAuthorisingUser ? ["membership", "join_authorised_via_users_server"] : ["membership"]
        }
        if document.isText(type, "m.room.create") { return ["creator"] }
        if document.isText(type, "m.room.join_rules") {
            return rules.keepsAllow ? ["join_rule", "allow"] : ["join_rule"]
        }
        if document.isText(type, "m.room.power_levels") {
            let all: [StaticString] = [
                "ban", "events", "events_default", "kick", "redact", "state_default", "users", "users_default",
            ]
            return rules.keepsRoomRules ? all + ["invite"] : all
        }
        if document.isText(type, "m.room.history_visibility") { return ["history_visibility"] }
        if document.isText(type, "m.room.aliases") { return rules.keepsAliases ? ["aliases"] : [] }
        if document.isText(type, "m.room.redaction") { return rules.keepsRoomRules ? ["redacts"] : [] }
        return []
    }
}

extension JSONDocument {
    /// The members of an object in canonical order.
    func canonicalMembers(of node: Node) -> [(key: Node, value: Node)] {
        let object = self[node]
        guard object.kind == .object else { return [] }
        guard object.flags.contains(.unordered) else { return Array(members(of: node)) }
        return KeyOrder.sorted(entries, Int(node.index), Int(object.next), bytes.span).map { key in
            (Node(index: Int32(truncatingIfNeeded: key)), Node(index: Int32(truncatingIfNeeded: Int(key) + 1)))
        }
    }
}
