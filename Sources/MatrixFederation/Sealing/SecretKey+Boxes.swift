// SPDX-License-Identifier: Apache-2.0

extension SecretKey {
    /// What a box is longer than what is in it: a nonce of 24 bytes before, a tag of 16 behind.
    package static let boxOverhead = 40

    /// Nonce ‖ XChaCha20-Poly1305, with `text` authenticated beside it. The nonce is random.
    ///
    /// - Returns: `nil` only if libsodium cannot.
    package func seal(_ clear: Span<UInt8>, beside text: Span<UInt8>) -> [UInt8]? {
        Sodium.sealBox(clear, secret, beside: text)
    }

    /// `nil` if the box, the key or the text is not that of `seal`.
    package func open(_ box: Span<UInt8>, beside text: Span<UInt8>) -> [UInt8]? {
        Sodium.openBox(box, secret, beside: text)
    }

    /// What a key has when it is sealed to a public key.
    package static let sealedByteCount = 80

    /// This key for whoever has the secret part of an X25519 public key: libsodium's `crypto_box_seal`.
    ///
    /// - Returns: `nil` for a public key of small order, with which nothing would be secret.
    package func sealed(to publicKey: [UInt8]) -> [UInt8]? { Sodium.seal(secret, to: publicKey) }

    /// With this as an X25519 secret key: the key that was sealed to its public part; `nil` if it was not.
    package func openKey(_ sealed: [UInt8]) -> SecretKey? {
        guard let publicKey = x25519PublicKey, var bytes = Sodium.openSealed(sealed, secret, publicKey) else {
            return nil
        }
        return SecretKey(taking: &bytes)
    }

    /// The public part of this as an X25519 secret key (RFC 7748).
    package var x25519PublicKey: [UInt8]? { Sodium.publicKey(of: secret) }
}
