// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// The secret key of one log: `PRIVATE+KEY+NAME+HEX+BASE64`, the form of Go's `sumdb/note`. Its name is the log's origin.
///
/// One key signs one log only: two logs under one name and key would contradict each other.
package struct LogKey: Sendable {
    package let publicKey: NoteKey
    private let secret: SigningKey

    package var name: String { publicKey.name }

    static let prefix = "PRIVATE+KEY+"

    /// - Parameter seed: 32 bytes; the caller's copy is the caller's to overwrite.
    package init(name: String, seed: Span<UInt8>) throws(NoteKey.Malformed) {
        do throws(SigningKey.Malformed) {
            // The key id is Matrix's, and of no use here.
            guard let keyID = try? KeyID("ed25519:log") else { throw .unusable }
            secret = try SigningKey(seed: seed, keyID: keyID)
        } catch {
            throw .key
        }
        publicKey = try NoteKey(name: name, key: secret.verifyKey)
    }

    /// Reads the file's text.
    package init(parsing text: String) throws(NoteKey.Malformed) {
        var parts = try NoteKey.parts(of: text, prefix: Self.prefix)
        defer { for index in parts.key.indices { parts.key[index] = 0 } }
        try self.init(name: parts.name, seed: parts.key.span)
        guard publicKey.id == parts.id else { throw .id }
    }

    /// A new key, and the line of its file. The line holds the secret.
    package static func generate(name: String) throws(NoteKey.Malformed) -> (key: LogKey, line: [UInt8]) {
        var seed = Secret.random(32)
        defer { for index in seed.indices { seed[index] = 0 } }
        let key = try LogKey(name: name, seed: seed.span)
        let text = NoteBase64.encode([NoteKey.algorithm] + seed)
        return (key, Array("\(prefix)\(name)+\(NoteKey.hex(key.publicKey.id))+\(text)\n".utf8))
    }

    /// The note with this text, which ends in a line feed, and one signature.
    package func sign(_ text: [UInt8]) -> [UInt8] {
        var signature: [UInt8] = []
        for shift in [24, 16, 8, 0] as [UInt32] {
            signature.append(UInt8(truncatingIfNeeded: publicKey.id >> shift))
        }
        signature += secret.sign(text)
        return text + Array("\n— \(name) \(NoteBase64.encode(signature))\n".utf8)
    }
}
