// SPDX-License-Identifier: Apache-2.0

/// Whether an event has the form of its room version, and the size that all versions allow.
enum EventFormat {
    /// Types, presence, identifiers and numbers. Lengths are not looked at.
    static func isValid(_ event: EventForm) -> Bool {
        let document = event.document
        let version = event.version
        guard PDUReader(document).shapeFault(event.node) == nil else { return false }
        if version.requiresCanonicalNumbers, document.nonCanonicalNumber(in: event.node) != nil { return false }
        guard (document.value("event_id", of: event.node) != nil) == (version.eventIDs == .inEvent) else {
            return false
        }
        return hasRoom(event) && hasReferences(event, "prev_events") && hasReferences(event, "auth_events")
    }

    /// In version 12 the create event has no `room_id`, and its ID, known from the room's, is no auth event.
    private static func hasRoom(_ event: EventForm) -> Bool {
        let document = event.document
        let room = document.value("room_id", of: event.node)
        guard event.version.roomIDIsHash else { return room != nil }
        let isCreate = document.value("type", of: event.node).map { document.isText($0, "m.room.create") } ?? false
        guard let room, let text = document.decodedBytes(room) else { return isCreate }
        guard !isCreate, let list = document.value("auth_events", of: event.node) else { return false }
        let create = [UInt8(ascii: "$")] + text.dropFirst()
        return !document.elements(of: list).contains { document.stringEquals($0, create.span) }
    }

    private static func hasReferences(_ event: EventForm, _ name: StaticString) -> Bool {
        let document = event.document
        guard let list = document.member(name, of: event.node) else { return false }
        let kind: JSONDocument.Kind = event.version.eventIDs == .inEvent ? .array : .string
        return document.elements(of: list).allSatisfy { document.kind($0) == kind }
    }

    /// Identifiers of 255 bytes, and a canonical form of 65536 bytes, counted as the reference does: with an empty `unsigned`
    /// if there is none, which takes 14 bytes.
    static func isWithinLimits(_ event: EventForm) -> Bool {
        guard PDUReader(event.document).lengthFault(event.node) == nil else { return false }
        let unsigned = event.document.value("unsigned", of: event.node) == nil ? 14 : 0
        guard event.document.rawRange(event.node).count + unsigned > PDUFacts.maxBytes else { return true }
        return event.document.canonical(event.node).count + unsigned <= PDUFacts.maxBytes
    }
}
