// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// libsodium, made ready once, its pointers kept in here.
enum Sodium {
    /// Whether libsodium is ready: it chooses its implementations and opens the system's randomness once.
    static let isReady = sodium_init() >= 0

    /// Whether 32 bytes are the canonical form of a point of the main subgroup, and not its neutral element.
    static func isValidPoint(_ point: SIMD32<UInt8>) -> Bool {
        guard isReady else { return false }
        return unsafe withUnsafePointer(to: point) { point in
            unsafe crypto_core_ed25519_is_valid_point(bytes(point)) == 1
        }
    }

    static func isValid(_ signature: SIMD64<UInt8>, of message: Span<UInt8>, by key: SIMD32<UInt8>) -> Bool {
        guard isReady else { return false }
        return unsafe withUnsafePointer(to: key) { key in
            unsafe withUnsafePointer(to: signature) { signature in
                unsafe message.withUnsafeBufferPointer { message in
                    // An empty message may have no address; none of its bytes is read.
                    unsafe crypto_sign_verify_detached(
                        bytes(signature), message.baseAddress ?? bytes(key), UInt64(message.count), bytes(key)) == 0
                }
            }
        }
    }

    static func signature(of message: Span<UInt8>, by secret: SecretBytes) -> SIMD64<UInt8> {
        var signature = SIMD64<UInt8>()
        unsafe secret.withBytes { secret in
            unsafe withUnsafeMutablePointer(to: &signature) { signature in
                unsafe message.withUnsafeBufferPointer { message in
                    _ = unsafe crypto_sign_detached(
                        UnsafeMutableRawPointer(signature).assumingMemoryBound(to: UInt8.self), nil,
                        message.baseAddress ?? secret, UInt64(message.count), secret)
                }
            }
        }
        return signature
    }

    /// The key pair of a seed of 32 bytes; libsodium's secret key is the seed, then the public key.
    static func keyPair(seed: Span<UInt8>) -> (secret: SecretBytes, publicKey: [UInt8])? {
        guard isReady, seed.count == 32 else { return nil }
        var publicKey = [UInt8](repeating: 0, count: 32)
        let secret = unsafe SecretBytes(count: 64) { secret in
            unsafe seed.withUnsafeBufferPointer { seed in
                guard let start = seed.baseAddress else { return false }
                return unsafe crypto_sign_seed_keypair(&publicKey, secret, start) == 0
            }
        }
        guard let secret else { return nil }
        return (secret, publicKey)
    }

    /// Fills with the system's randomness.
    static func randomize(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe randombytes_buf(start, bytes.count)
        }
    }

    /// Overwrites with zeros, which no optimiser leaves out.
    static func wipe(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe sodium_memzero(start, bytes.count)
        }
    }

    private static func bytes<Value>(_ pointer: UnsafePointer<Value>) -> UnsafePointer<UInt8> {
        unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self)
    }
}
