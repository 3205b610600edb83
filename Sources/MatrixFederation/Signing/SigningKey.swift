// SPDX-License-Identifier: Apache-2.0

/// A secret Ed25519 key with its name. Its secret part lives in memory that is overwritten when the last copy goes.
package struct SigningKey: Sendable {
    package let keyID: KeyID
    package let verifyKey: VerifyKey
    private let secret: SecretBytes

    package enum Malformed: Error, Equatable, Sendable {
        /// Not `ed25519`, a key version and a seed, separated by spaces.
        case line
        /// The seed is not 32 bytes of base64.
        case seed
        case keyID(KeyID.Malformed)
        /// libsodium or memory failed, or the key is denylisted.
        case unusable
    }

    /// - Parameter seed: 32 bytes. The caller's copy is the caller's to overwrite.
    package init(seed: Span<UInt8>, keyID: KeyID) throws(Malformed) {
        guard seed.count == 32 else { throw .seed }
        guard let (secret, publicKey) = Sodium.keyPair(seed: seed), let verifyKey = try? VerifyKey(publicKey.span)
        else { throw .unusable }
        self.secret = secret
        self.verifyKey = verifyKey
        self.keyID = keyID
    }

    /// - Parameter line: a line of a homeserver's key file: `ed25519 a_abcd SEED`, the seed in base64.
    package init(parsing line: Span<UInt8>) throws(Malformed) {
        var words: [Range<Int>] = []
        var start: Int?
        for offset in 0...line.count {
            let isSpace = offset == line.count || [0x20, 0x09, 0x0A, 0x0D].contains(line[offset])
            if isSpace, let begun = start {
                words.append(begun..<offset)
                start = nil
            } else if !isSpace, start == nil {
                start = offset
            }
        }
        guard words.count == 3 else { throw .line }
        let name = Array("ed25519:".utf8)
        var algorithm: [UInt8] = []
        for offset in words[0] { algorithm.append(line[offset]) }
        guard algorithm + [UInt8(ascii: ":")] == name else { throw .line }
        var text = name
        for offset in words[1] { text.append(line[offset]) }
        let keyID: KeyID
        do { keyID = try KeyID(parsing: text.span) } catch { throw .keyID(error) }
        guard var seed = Base64.decode(line.extracting(words[2]), allowingStrayBits: true) else { throw .seed }
        defer { Sodium.wipe(&seed) }
        try self.init(seed: seed.span, keyID: keyID)
    }

    /// A new key from the system's randomness.
    package static func generate(keyID: KeyID) throws(Malformed) -> SigningKey {
        guard Sodium.isReady else { throw .unusable }
        var seed = [UInt8](repeating: 0, count: 32)
        Sodium.randomize(&seed)
        defer { Sodium.wipe(&seed) }
        return try SigningKey(seed: seed.span, keyID: keyID)
    }

    /// The line of a homeserver's key file for this key, with a line end. Holds the secret.
    package func fileLine() -> [UInt8] {
        var line = Array("ed25519 \(keyID.version) ".utf8)
        unsafe secret.withBytes { seed in
            unsafe Base64.append(UnsafeBufferPointer(start: seed, count: 32).span, to: &line)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// For putting the key into a box.
    func withSecret<Result>(_ body: (SecretBytes) -> Result) -> Result { body(secret) }

    package func signature(of message: Span<UInt8>) -> Signature {
        Signature(Sodium.signature(of: message, by: secret))
    }

    /// The signature, 64 bytes.
    package func sign(_ message: [UInt8]) -> [UInt8] { signature(of: message.span).bytes }
}
