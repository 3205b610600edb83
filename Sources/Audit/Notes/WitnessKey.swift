// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// The secret key of a witness: `PRIVATE+KEY+NAME+HEX+BASE64`, the base64 of 0x04 and the seed.
///
/// The first byte keeps it apart from the key of a log: one key never signs as both.
package struct WitnessKey: Sendable {
    package let publicKey: CosignerKey
    private let secret: SigningKey

    /// - Parameter seed: 32 bytes; the caller's copy is the caller's to overwrite.
    package init(name: String, seed: Span<UInt8>) throws(NoteKey.Malformed) {
        do throws(SigningKey.Malformed) {
            // The key id is Matrix's, and of no use here.
            guard let keyID = try? KeyID("ed25519:witness") else { throw .unusable }
            secret = try SigningKey(seed: seed, keyID: keyID)
        } catch {
            throw .key
        }
        publicKey = try CosignerKey(name: name, key: secret.verifyKey)
    }

    /// Reads the file's text.
    package init(parsing text: String) throws(NoteKey.Malformed) {
        var parts = try NoteKey.parts(of: text, prefix: LogKey.prefix, algorithm: CosignerKey.algorithm)
        defer { for index in parts.key.indices { parts.key[index] = 0 } }
        try self.init(name: parts.name, seed: parts.key.span)
        guard publicKey.id == parts.id else { throw .id }
    }

    /// A new key, and the line of its file. The line holds the secret.
    package static func generate(name: String) throws(NoteKey.Malformed) -> (key: WitnessKey, line: [UInt8]) {
        var seed = Secret.random(32)
        defer { for index in seed.indices { seed[index] = 0 } }
        let key = try WitnessKey(name: name, seed: seed.span)
        let text = NoteBase64.encode([CosignerKey.algorithm] + seed)
        return (key, Array("\(LogKey.prefix)\(name)+\(NoteKey.hex(key.publicKey.id))+\(text)\n".utf8))
    }

    /// - Parameters:
    ///   - text: of a checkpoint whose consistency was verified, with its last line feed.
    ///   - time: seconds since 1970-01-01T00:00:00Z, not negative.
    package func cosign(_ text: [UInt8], at time: Int64) -> SignedNote.Line {
        let stamp = UInt64(max(time, 0))
        let bytes = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: stamp >> UInt64($0)) }
        let signature = secret.sign(Cosignature.message(text, at: Int64(clamping: stamp)))
        return SignedNote.Line(name: publicKey.name, id: publicKey.id, signature: bytes + signature)
    }
}
