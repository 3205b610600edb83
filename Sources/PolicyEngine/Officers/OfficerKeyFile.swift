// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// An officer's key as it lies in a file: the public part in the open, the secret one under a pass-phrase.
///
///     entente officer key 1
///     name officer-a
///     public ed25519 BASE64
///     passphrase argon2id13 operations 3 memory 268435456 salt BASE64
///     secret xchacha20poly1305 nonce BASE64 sealed BASE64
///
/// The first three lines are authenticated with the secret: another name or public key does not open.
package struct OfficerKeyFile: Hashable, Sendable {
    package static let maxBytes = 1024

    package let name: OfficerName
    package let publicKey: VerifyKey
    private let box: PassphraseBox

    /// A new key of an officer, from the system's randomness.
    ///
    /// - Returns: `nil` if there is not enough memory for the pass-phrase's cost.
    package init?(
        generatingFor name: OfficerName, under passphrase: Passphrase, cost: PassphraseBox.Cost = .moderate
    ) {
        guard let key = try? SigningKey.generate(keyID: Self.keyID()),
            let box = PassphraseBox(
                sealing: key, under: passphrase, cost: cost, beside: Self.head(name, key.verifyKey))
        else { return nil }
        self.name = name
        publicKey = key.verifyKey
        self.box = box
    }

    package init(parsing bytes: [UInt8]) throws(MalformedLines) {
        let lines = try KeyFileLines("officer", bytes, maxBytes: Self.maxBytes)
        name = try lines.value(ofLine: 2, "`name NAME`") { $0.value("name").flatMap { OfficerName($0) } }
        publicKey = try lines.value(ofLine: 3, "`public ed25519 KEY`") { words in
            guard words.count == 3, words[..<2] == ["public", "ed25519"], let key = try? VerifyKey(base64: words[2]),
                key.base64 == words[2]
            else { return nil }
            return key
        }
        box = try lines.box()
    }

    /// The file. Holds no secret in the open.
    package var bytes: [UInt8] { Self.head(name, publicKey) + box.lines }

    /// The secret key; `nil` if the pass-phrase is wrong or the file was altered, which look the same.
    package func unlock(with passphrase: Passphrase) -> SigningKey? {
        guard let keyID = try? Self.keyID(),
            let key = box.open(with: passphrase, beside: Self.head(name, publicKey), keyID: keyID),
            key.verifyKey == publicKey
        else { return nil }
        return key
    }

    private static func head(_ name: OfficerName, _ key: VerifyKey) -> [UInt8] {
        Array("entente officer key 1\nname \(name.text)\npublic ed25519 \(key.base64)\n".utf8)
    }

    /// Officers' keys have no name in the protocol; any will do.
    private static func keyID() throws -> KeyID { try KeyID("ed25519:officer") }
}
