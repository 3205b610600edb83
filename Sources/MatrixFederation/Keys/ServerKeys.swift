// SPDX-License-Identifier: Apache-2.0

/// The keys that a server publishes, from its own key document, verified.
///
/// Specification, Server-Server API, "Publishing Keys". The document proves itself: it is signed by at least one of the
/// keys it lists, and no signature by a listed key is wrong.
package struct ServerKeys: Sendable {
    package let server: ServerName
    /// Usable for requests and events until `validUntil`.
    package let current: [KeyID: VerifyKey]
    /// Usable for events of the past only. A key listed as both is old.
    package let old: [KeyID: OldKey]
    /// The end of validity of the current keys: as published, but at most seven days after the document was fetched.
    package let validUntil: Timestamp
    package let fetchedAt: Timestamp
    /// Whether the published end of validity lay further ahead than the specification allows.
    package let wasCapped: Bool

    package struct OldKey: Hashable, Sendable {
        package let key: VerifyKey
        package let expired: Timestamp

        package init(key: VerifyKey, expired: Timestamp) {
            self.key = key
            self.expired = expired
        }
    }

    /// Most keys in a document, current and old together.
    package static let maxKeys = 64
    /// Largest document, in bytes.
    package static let maxBytes = 64 * 1024
    /// How to read a document.
    package static let limits = JSONDocument.Limits(maxBytes: maxBytes, maxDepth: 16, maxValues: 4096)
    /// Longest validity, in milliseconds: seven days.
    package static let maxValidity: Int64 = 7 * 24 * 3600 * 1000

    package enum Invalid: Error, Equatable, Sendable {
        case tooLarge(bytes: Int)
        case tooManyKeys(Int)
        /// A member is missing or of another kind than the specification has.
        case shape(member: String)
        /// Numbers that canonical JSON does not have.
        case number
        case serverName(String)
        /// A current key that is not an Ed25519 key.
        case key(KeyID, VerifyKey.Malformed)
        /// A listed key's signature is wrong.
        case signature(KeyID)
        /// No current key signed.
        case unsigned
    }

    /// - Parameters:
    ///   - document: the answer to `GET /_matrix/key/v2/server`.
    ///   - askedFor: whose keys were asked for; compared byte by byte.
    ///   - fetchedAt: when the answer came.
    package init(
        verifying document: JSONDocument, askedFor: ServerName, fetchedAt: Timestamp
    ) throws(Invalid) {
        guard document.bytes.count <= Self.maxBytes else { throw .tooLarge(bytes: document.bytes.count) }
        guard document.hasOnlyCanonicalNumbers else { throw .number }
        guard let name = document.member("server_name", of: document.root) else { throw .shape(member: "server_name") }
        guard document.stringEquals(name, askedFor.text) else {
            throw .serverName(String((document.string(name) ?? "").prefix(256)))
        }
        guard let published = document.member("valid_until_ts", of: document.root).flatMap({ document.integer($0) })
        else { throw .shape(member: "valid_until_ts") }

        let listed = try ServerKeyLists(document)
        try Self.verifySignatures(document, askedFor, listed.current)

        let cap = fetchedAt.advanced(byMilliseconds: Self.maxValidity)
        validUntil = min(Timestamp(milliseconds: published), cap)
        wasCapped = Timestamp(milliseconds: published) > cap
        server = askedFor
        current = listed.current.filter { listed.old[$0.key] == nil && !listed.unusableOld.contains($0.key) }
        old = listed.old
        self.fetchedAt = fetchedAt
    }

    /// What the key means for a request that arrives at `now`.
    package func key(_ keyID: KeyID, forRequestAt now: Timestamp) -> RequestKey {
        if let old = old[keyID] { return .old(since: old.expired) }
        guard let key = current[keyID] else { return .unknown }
        return now <= validUntil ? .valid(key) : .expired(since: validUntil)
    }

    /// The key that may have signed an event at `time`, old keys included.
    ///
    /// - Parameter isValidityChecked: room versions 1 to 4 take any key, however old.
    package func key(_ keyID: KeyID, forEventAt time: Timestamp, isValidityChecked: Bool) -> VerifyKey? {
        if let old = old[keyID] { return !isValidityChecked || time <= old.expired ? old.key : nil }
        guard let key = current[keyID] else { return nil }
        return !isValidityChecked || time <= validUntil ? key : nil
    }

    private static func verifySignatures(
        _ document: JSONDocument, _ server: ServerName, _ keys: [KeyID: VerifyKey]
    ) throws(Invalid) {
        guard let all = document.member("signatures", of: document.root),
            let own = document.member(server.text, of: all), document.kind(own) == .object
        else { throw .unsigned }
        let message = SignedJSON.message(of: document.root, in: document)
        var isSigned = false
        for (keyID, key) in keys.sorted(by: { $0.key.text < $1.key.text }) {
            guard document.member(keyID.text, of: own) != nil else { continue }
            guard let signature = SignedJSON.signature(on: document.root, in: document, by: server, keyID),
                key.isValid(signature: signature, of: message.span)
            else { throw .signature(keyID) }
            isSigned = true
        }
        guard isSigned else { throw .unsigned }
    }
}
