// SPDX-License-Identifier: Apache-2.0

internal import CSodium

extension Sodium {
    private static let nonceBytes = 24
    private static let tagBytes = 16

    static func keyedHash(_ kind: UInt8, _ text: String, _ key: SecretBytes) -> SIMD16<UInt8> {
        var hash = SIMD16<UInt8>()
        guard isReady else { return hash }
        var input: [UInt8] = []
        input.reserveCapacity(1 + text.utf8.count)
        input.append(kind)
        input.append(contentsOf: text.utf8)
        unsafe withUnsafeMutablePointer(to: &hash) { hash in
            unsafe key.withBytes { key in
                _ = unsafe crypto_generichash(
                    UnsafeMutableRawPointer(hash).assumingMemoryBound(to: UInt8.self), 16, input, UInt64(input.count),
                    key, SecretKey.byteCount)
            }
        }
        return hash
    }

    static func hash(_ input: [UInt8]) -> SIMD16<UInt8> {
        var hash = SIMD16<UInt8>()
        guard isReady else { return hash }
        unsafe withUnsafeMutablePointer(to: &hash) { hash in
            _ = unsafe crypto_generichash(
                UnsafeMutableRawPointer(hash).assumingMemoryBound(to: UInt8.self), 16, input, UInt64(input.count), nil,
                0)
        }
        return hash
    }

    /// Nonce, sealed bytes, tag.
    static func sealBox(_ clear: Span<UInt8>, _ key: SecretBytes, beside text: Span<UInt8>) -> [UInt8]? {
        guard isReady else { return nil }
        let total = nonceBytes + clear.count + tagBytes
        var isDone = false
        let box = unsafe [UInt8](unsafeUninitializedCapacity: total) { space, filled in
            guard let start = space.baseAddress else { return }
            unsafe randombytes_buf(start, nonceBytes)
            let outcome = unsafe clear.withUnsafeBufferPointer { clear in
                unsafe text.withUnsafeBufferPointer { text in
                    unsafe key.withBytes { key in
                        // What has no bytes may have no address; none is read.
                        unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
                            start + nonceBytes, nil, clear.baseAddress ?? key, UInt64(clear.count), text.baseAddress,
                            UInt64(text.count), nil, start, key)
                    }
                }
            }
            isDone = outcome == 0
            filled = isDone ? total : 0
        }
        return isDone ? box : nil
    }

    static func openBox(_ box: Span<UInt8>, _ key: SecretBytes, beside text: Span<UInt8>) -> [UInt8]? {
        guard isReady, box.count >= nonceBytes + tagBytes else { return nil }
        let length = box.count - nonceBytes - tagBytes
        // One more, so that there is an address where nothing is in the box.
        var clear = [UInt8](repeating: 0, count: length + 1)
        let outcome = unsafe box.withUnsafeBufferPointer { box in
            unsafe text.withUnsafeBufferPointer { text in
                unsafe key.withBytes { key -> Int32 in
                    guard let start = box.baseAddress else { return -1 }
                    return unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
                        &clear, nil, nil, start + nonceBytes, UInt64(box.count - nonceBytes), text.baseAddress,
                        UInt64(text.count), start, key)
                }
            }
        }
        guard outcome == 0 else {
            wipe(&clear)
            return nil
        }
        clear.removeLast()
        return clear
    }

    /// 32 bytes for whoever has the secret part of an X25519 key.
    static func seal(_ secret: SecretBytes, to publicKey: [UInt8]) -> [UInt8]? {
        guard isReady, publicKey.count == 32, secret.count == 32 else { return nil }
        var sealed = [UInt8](repeating: 0, count: SecretKey.sealedByteCount)
        let outcome = unsafe secret.withBytes { unsafe crypto_box_seal(&sealed, $0, 32, publicKey) }
        return outcome == 0 ? sealed : nil
    }

    /// 32 bytes, the caller's to overwrite.
    static func openSealed(_ sealed: [UInt8], _ secret: SecretBytes, _ publicKey: [UInt8]) -> [UInt8]? {
        guard isReady, sealed.count == SecretKey.sealedByteCount, publicKey.count == 32 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        let outcome = unsafe secret.withBytes { secret in
            unsafe crypto_box_seal_open(&bytes, sealed, UInt64(sealed.count), publicKey, secret)
        }
        guard outcome == 0 else {
            wipe(&bytes)
            return nil
        }
        return bytes
    }

    static func publicKey(of secret: SecretBytes) -> [UInt8]? {
        guard isReady, secret.count == 32 else { return nil }
        var publicKey = [UInt8](repeating: 0, count: 32)
        let outcome = unsafe secret.withBytes { unsafe crypto_scalarmult_base(&publicKey, $0) }
        return outcome == 0 ? publicKey : nil
    }
}
