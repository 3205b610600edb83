// SPDX-License-Identifier: Apache-2.0

internal import CSodium

extension Sodium {
    /// The key that Argon2id makes of a pass-phrase; `nil` if there is not enough memory.
    static func boxKey(from passphrase: SecretBytes, salt: [UInt8], _ cost: PassphraseBox.Cost) -> SecretBytes? {
        guard isReady, salt.count == PassphraseBox.saltBytes else { return nil }
        return unsafe SecretBytes(count: 32) { key in
            unsafe passphrase.withBytes { text in
                unsafe text.withMemoryRebound(to: CChar.self, capacity: passphrase.count) { text in
                    unsafe crypto_pwhash(
                        key, 32, text, UInt64(passphrase.count), salt, UInt64(cost.operations), cost.memoryBytes,
                        Int32(crypto_pwhash_ALG_ARGON2ID13)) == 0
                }
            }
        }
    }

    /// - Parameter secret: begins with the seed of 32 bytes.
    static func seal(
        seedOf secret: SecretBytes, _ key: SecretBytes, nonce: [UInt8], beside text: [UInt8]
    ) -> [UInt8]? {
        guard isReady, nonce.count == PassphraseBox.nonceBytes, secret.count >= 32 else { return nil }
        var sealed = [UInt8](repeating: 0, count: PassphraseBox.sealedBytes)
        let outcome = unsafe secret.withBytes { seed in
            unsafe key.withBytes { key in
                unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
                    &sealed, nil, seed, 32, text, UInt64(text.count), nil, nonce, key)
            }
        }
        return outcome == 0 ? sealed : nil
    }

    /// The seed of 32 bytes, the caller's to overwrite; `nil` if anything is not as it was sealed.
    static func open(_ sealed: [UInt8], _ key: SecretBytes, nonce: [UInt8], beside text: [UInt8]) -> [UInt8]? {
        guard isReady, nonce.count == PassphraseBox.nonceBytes, sealed.count == PassphraseBox.sealedBytes else {
            return nil
        }
        var seed = [UInt8](repeating: 0, count: 32)
        let outcome = unsafe key.withBytes { key in
            unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
                &seed, nil, nil, sealed, UInt64(sealed.count), text, UInt64(text.count), nonce, key)
        }
        guard outcome == 0 else {
            wipe(&seed)
            return nil
        }
        return seed
    }
}
