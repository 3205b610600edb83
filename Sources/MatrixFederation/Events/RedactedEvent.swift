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
        _ = append(withSignatures: withSignatures, to: &output)
        return output
    }

    /// - Returns: whether the event has members at its top that only some versions keep.
    func append(withSignatures: Bool, to output: inout [UInt8]) -> Bool {
        output.reserveCapacity(output.count + min(document.rawRange(node).count, 2_048))
        let type = document.value("type", of: node)
        var hasLegacyMembers = false
        appendObject(node, to: &output) { key, _ in
            switch TopLevelMember(key, in: document) {
            case .kept: return .whole
            case .content: return .content
            case .signatures: return withSignatures ? .whole : .nothing
            case .room: return isCreateOfHashedRoom(type) ? .nothing : .whole
            case .dropped: return .nothing
            case .legacy:
                hasLegacyMembers = true
                return version.redaction.keepsLegacyMembers ? .whole : .nothing
            }
        } content: { content, output in
            appendContent(content, type: type, to: &output)
        }
        return hasLegacyMembers
    }

    private enum Part {
        case whole, nothing, content
    }

    /// Writes the members that are kept, in canonical order.
    ///
    /// Of a text that is canonical already, members that stand side by side and are kept are copied as one.
    private func appendObject(
        _ object: JSONDocument.Node, to output: inout [UInt8], part: (JSONDocument.Node, JSONDocument.Node) -> Part,
        content: (JSONDocument.Node, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: "{"))
        let first = output.count
        let isCanonical = document.isCanonical(object)
        var run: Range<Int>?
        func writeRun() {
            if let run {
                if output.count > first { output.append(UInt8(ascii: ",")) }
                output += document.bytes[run]
            }
            run = nil
        }
        document.forEachCanonicalMember(of: object) { key, value in
            let part = part(key, value)
            if part == .nothing { return }
            if part == .whole, isCanonical {
                let member = document.rawRange(key).lowerBound..<document.rawRange(value).upperBound
                // The comma stands between them.
                if let begun = run, begun.upperBound + 1 == member.lowerBound {
                    run = begun.lowerBound..<member.upperBound
                } else {
                    writeRun()
                    run = member
                }
                return
            }
            writeRun()
            if output.count > first { output.append(UInt8(ascii: ",")) }
            document.appendCanonical(key, to: &output)
            output.append(UInt8(ascii: ":"))
            if part == .content {
                content(value, &output)
            } else {
                document.appendCanonical(value, to: &output)
            }
        }
        writeRun()
        output.append(UInt8(ascii: "}"))
    }

    private func isCreateOfHashedRoom(_ type: JSONDocument.Node?) -> Bool {
        version.roomIDIsHash && (type.map { document.isText($0, "m.room.create") } ?? false)
    }

    private func appendContent(
        _ content: JSONDocument.Node, type: JSONDocument.Node?, to output: inout [UInt8]
    ) {
        let rules = version.redaction
        if rules.keepsRoomRules, let type, document.isText(type, "m.room.create") {
            document.appendCanonical(content, to: &output)
            return
        }
        let kept = type.map(keptContent) ?? []
        if kept.isEmpty {
            // Of most events nothing: their content is not gone through.
            output += [UInt8(ascii: "{"), UInt8(ascii: "}")]
            return
        }
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

    /// Whether room versions differ in what they keep of an event's content.
    static func dependsOnVersion(_ event: JSONDocument.Node, type: String, in document: JSONDocument) -> Bool {
        let content = document.value("content", of: event)
        func has(_ name: StaticString) -> Bool { content.flatMap { document.value(name, of: $0) } != nil }
        return switch type {
        case "m.room.member": has("join_authorised_via_users_server") || has("third_party_invite")
        case "m.room.create": true
        case "m.room.join_rules": has("allow")
        case "m.room.power_levels": has("invite")
        case "m.room.aliases": has("aliases")
        case "m.room.redaction": has("redacts")
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

/// What redaction does with a member of an event, as far as the room's version is not needed to tell.
private enum TopLevelMember {
    case kept, dropped, content, signatures
    /// `room_id`
    case room
    /// Kept by old versions.
    case legacy

    init(_ key: JSONDocument.Node, in document: JSONDocument) {
        // The length leaves one or two names to compare with.
        self =
            switch document.stringLength(key) {
            case 4 where document.isText(key, "type"): .kept
            case 5 where document.isText(key, "depth"): .kept
            case 6 where document.isText(key, "sender") || document.isText(key, "hashes"): .kept
            case 6 where document.isText(key, "origin"): .legacy
            case 7 where document.isText(key, "content"): .content
            case 7 where document.isText(key, "room_id"): .room
            case 8 where document.isText(key, "event_id"): .kept
            case 9 where document.isText(key, "state_key"): .kept
            case 10 where document.isText(key, "signatures"): .signatures
            case 10 where document.isText(key, "prev_state") || document.isText(key, "membership"): .legacy
            case 11 where document.isText(key, "prev_events") || document.isText(key, "auth_events"): .kept
            case 16 where document.isText(key, "origin_server_ts"): .kept
            default: .dropped
            }
    }
}

extension JSONDocument {
    /// Goes through the members of an object in canonical order; through none of other values.
    func forEachCanonicalMember(of node: Node, _ body: (_ key: Node, _ value: Node) -> Void) {
        let object = self[node]
        guard object.kind == .object, object.flags.contains(.unordered) else {
            for (key, value) in members(of: node) { body(key, value) }
            return
        }
        for key in KeyOrder.sorted(entries, Int(node.index), Int(object.next), bytes.span) {
            body(
                Node(index: Int32(truncatingIfNeeded: key)), Node(index: Int32(truncatingIfNeeded: Int(key) + 1)))
        }
    }
}
