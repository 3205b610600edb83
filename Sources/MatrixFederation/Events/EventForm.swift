// SPDX-License-Identifier: Apache-2.0

/// One event as it stands in a document, read by the rules of a room version: its redacted form, hashes and ID.
///
/// Nothing here says that the event is valid; `EventVerification` does. Source: Room Versions; Server-Server API, "Signing Events".
package struct EventForm: Sendable {
    package let document: JSONDocument
    package let node: JSONDocument.Node
    package let version: RoomVersion

    package init(_ node: JSONDocument.Node, in document: JSONDocument, version: RoomVersion) {
        self.node = node
        self.document = document
        self.version = version
    }

    /// Canonical JSON of the redacted event, with `signatures` and without `unsigned`.
    package func redacted() -> [UInt8] { RedactedEvent(self).bytes(withSignatures: true) }

    /// What every signature of the event covers: the redacted event without `signatures`.
    package func signingMessage() -> [UInt8] { RedactedEvent(self).bytes(withSignatures: false) }

    /// What the content hash covers. The last three members are those that the reference leaves out beside.
    package func contentHashInput() -> [UInt8] {
        document.canonical(
            node, omitting: ["unsigned", "signatures", "hashes", "age_ts", "outlier", "destinations"])
    }

    package func contentHash() -> Digest { SHA256.hash(contentHashInput()) }

    /// The hash that identifies the event. It covers the same bytes as the signatures.
    package func referenceHash() -> Digest { SHA256.hash(signingMessage()) }

    /// The event's ID; nil in room versions 1 and 2 if the event does not say it.
    package func eventID() -> String? {
        switch version.eventIDs {
        case .inEvent: document.value("event_id", of: node).flatMap(document.string)
        case .hash: "$" + referenceHash().base64
        case .urlSafeHash: "$" + referenceHash().base64URL
        }
    }

    /// The room's ID: `room_id`, or for a create event of version 12 its own hash.
    package func roomID() -> String? {
        if let room = document.value("room_id", of: node) { return document.string(room) }
        return version.roomIDIsHash ? "!" + referenceHash().base64URL : nil
    }
}

extension PDUFacts {
    /// The IDs that the event has under each set of rules, without repetition: for answers while the room's version is
    /// unknown. An ID that the event claims comes first. Of most events only the two spellings of one hash differ, and what
    /// `origin` and its like add in old versions. What is far too large to be an event has no other ID than the claimed one.
    package func eventIDs(in document: JSONDocument) -> [String] {
        var ids = claimedEventID.map { [$0] } ?? []
        guard document.kind(node) == .object, document.rawRange(node).count <= 4 * Self.maxBytes else { return ids }
        let dependsOnVersion = RedactedEvent.dependsOnVersion(node, type: type, in: document)
        let rules = dependsOnVersion ? RoomVersion.eventIDRules : RoomVersion.plainEventIDRules
        var last: (redaction: RoomVersion.Redaction, digest: Digest)?
        for version in rules {
            let digest =
                last.flatMap { $0.redaction == version.redaction ? $0.digest : nil }
                ?? EventForm(node, in: document, version: version).referenceHash()
            last = (version.redaction, digest)
            let id = "$" + (version.eventIDs == .hash ? digest.base64 : digest.base64URL)
            if !ids.contains(where: { $0.utf8.elementsEqual(id.utf8) }) { ids.append(id) }
        }
        return ids
    }
}
