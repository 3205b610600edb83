// SPDX-License-Identifier: Apache-2.0

/// The two lists of a key document, not yet verified. Keys of algorithms other than Ed25519 are passed over.
struct ServerKeyLists {
    private(set) var current: [KeyID: VerifyKey] = [:]
    private(set) var old: [KeyID: ServerKeys.OldKey] = [:]
    /// Old keys that are no keys, or denylisted: not usable, but no reason to do without the server's others.
    private(set) var unusableOld: Set<KeyID> = []

    init(_ document: JSONDocument) throws(ServerKeys.Invalid) {
        guard let verifyKeys = document.member("verify_keys", of: document.root),
            document.kind(verifyKeys) == .object
        else { throw .shape(member: "verify_keys") }
        let oldKeys = document.member("old_verify_keys", of: document.root)
        if let oldKeys, document.kind(oldKeys) != .object { throw .shape(member: "old_verify_keys") }

        let count = document.count(verifyKeys) + (oldKeys.map { document.count($0) } ?? 0)
        guard count <= ServerKeys.maxKeys else { throw .tooManyKeys(count) }

        for (name, entry) in document.members(of: verifyKeys) {
            guard let keyID = Self.keyID(name, document) else { continue }
            do {
                current[keyID] = try VerifyKey(base64: Self.keyText(entry, document).span)
            } catch {
                throw .key(keyID, error)
            }
        }
        guard let oldKeys else { return }
        for (name, entry) in document.members(of: oldKeys) {
            guard let keyID = Self.keyID(name, document) else { continue }
            guard let expired = document.member("expired_ts", of: entry).flatMap({ document.integer($0) }) else {
                throw .shape(member: "expired_ts")
            }
            do {
                let key = try VerifyKey(base64: Self.keyText(entry, document).span)
                old[keyID] = ServerKeys.OldKey(key: key, expired: Timestamp(milliseconds: expired))
            } catch {
                unusableOld.insert(keyID)
            }
        }
    }

    private static func keyID(_ name: JSONDocument.Node, _ document: JSONDocument) -> KeyID? {
        guard let text = document.stringRange(name) else { return nil }
        return try? KeyID(parsing: document.bytes.span.extracting(text))
    }

    /// The text of the key in a list's entry; empty, and so no key, if there is none.
    private static func keyText(_ entry: JSONDocument.Node, _ document: JSONDocument) -> [UInt8] {
        document.member("key", of: entry).flatMap { document.decodedBytes($0) } ?? []
    }
}
