// SPDX-License-Identifier: Apache-2.0

extension PDUFacts {
    /// The hashes that may name the event, without repetition: of nearly all events one, whatever the room's version, since
    /// versions differ only in what they keep of a few members. None of what is far too large to be an event.
    ///
    /// Cheaper than `eventIDs`: a form that is the same as the one before is not hashed again.
    package func eventHashes(in document: JSONDocument) -> [Digest] {
        guard document.kind(node) == .object, document.rawRange(node).count <= 4 * Self.maxBytes else { return [] }
        let rules: [RoomVersion] =
            if RedactedEvent.dependsOnVersion(type) {
                RoomVersion.eventIDRules
            } else if Self.legacyMembers.contains(where: { document.member($0, of: node) != nil }) {
                RoomVersion.plainEventIDRules
            } else {
                RoomVersion.newestEventIDRules
            }
        var hashes: [Digest] = []
        var last: [UInt8] = []
        for version in rules.reversed() {
            let message = EventForm(node, in: document, version: version).signingMessage()
            if message == last { continue }
            let hash = SHA256.hash(message)
            if !hashes.contains(hash) { hashes.append(hash) }
            last = message
        }
        return hashes
    }

    /// The IDs by which a log names the event: the one that it claims, then its hashes in the spelling of newer rooms.
    package func recordedIDs(in document: JSONDocument) -> [String] {
        let hashes = eventHashes(in: document).map { "$" + $0.base64URL }
        guard let claimed = claimedEventID.map(EventID.urlSafe) else { return hashes }
        return [claimed] + hashes.filter { !$0.utf8.elementsEqual(claimed.utf8) }
    }

    /// Top-level members that old versions keep and new ones do not.
    private static let legacyMembers: [StaticString] = ["origin", "membership", "prev_state"]
}

extension EventID {
    /// Rooms of version 3 write the hash with `+` and `/`, later ones with `-` and `_`: one spelling of both. Other IDs stay.
    package static func urlSafe(_ id: String) -> String {
        let bytes = id.utf8
        guard bytes.count == 44, bytes.first == UInt8(ascii: "$"),
            bytes.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") }),
            IdentifierGrammar.isHash(bytes.span, isStandardAllowed: true)
        else { return id }
        return String(
            decoding: bytes.map { byte in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                default: byte
                }
            }, as: UTF8.self)
    }
}
