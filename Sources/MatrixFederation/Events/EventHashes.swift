// SPDX-License-Identifier: Apache-2.0

extension PDUFacts {
    /// The hashes that may name the event, without repetition: of nearly all events one, whatever the room's version, since
    /// versions differ only in what they keep of a few members. None of what is far too large to be an event.
    ///
    /// Cheaper than `eventIDs`: a form that is the same as the one before is not hashed again.
    package func eventHashes(in document: JSONDocument, _ hasher: SHA256Hasher) -> [Digest] {
        guard document.kind(node) == .object, document.rawRange(node).count <= 4 * Self.maxBytes else { return [] }
        var form: [UInt8] = []
        let hasLegacyMembers = append(.newestEventIDRule, of: document, to: &form)
        var hashes = [hasher.hash(form.span)]
        let rules =
            RedactedEvent.dependsOnVersion(node, type: type, in: document)
            ? RoomVersion.eventIDRules : hasLegacyMembers ? RoomVersion.plainEventIDRules : []
        for version in rules.dropLast().reversed() {
            var older: [UInt8] = []
            _ = append(version, of: document, to: &older)
            if older == form { continue }
            let hash = hasher.hash(older.span)
            if !hashes.contains(hash) { hashes.append(hash) }
            form = older
        }
        return hashes
    }

    private func append(_ version: RoomVersion, of document: JSONDocument, to output: inout [UInt8]) -> Bool {
        RedactedEvent(EventForm(node, in: document, version: version)).append(withSignatures: false, to: &output)
    }

    /// The IDs by which a log names the event: the one that it claims, then its hashes in the spelling of newer rooms.
    package func recordedIDs(in document: JSONDocument, _ hasher: SHA256Hasher) -> [String] {
        let hashes = eventHashes(in: document, hasher).map { "$" + $0.base64URL }
        guard let claimed = claimedEventID.map(EventID.urlSafe) else { return hashes }
        return [claimed] + hashes.filter { !$0.utf8.elementsEqual(claimed.utf8) }
    }
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
