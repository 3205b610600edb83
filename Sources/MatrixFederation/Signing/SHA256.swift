// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// SHA-256 by libcrypto, which uses the processor's instructions for it.
package enum SHA256 {
    /// Fetched once: looking an algorithm up costs more than hashing a kilobyte. `nil` if the configured providers of
    /// OpenSSL have no SHA-256; then the low-level function is used.
    ///
    /// Immutable after `EVP_MD_fetch` and counted atomically by libcrypto: shared by all threads.
    nonisolated(unsafe) static let algorithm: OpaquePointer? = unsafe EVP_MD_fetch(nil, "SHA256", nil)

    package static func hash(_ bytes: [UInt8]) -> Digest { hash(bytes.span) }

    package static func hash(_ bytes: Span<UInt8>) -> Digest {
        var digest = SIMD32<UInt8>()
        unsafe bytes.withUnsafeBytes { input in
            unsafe withUnsafeMutableBytes(of: &digest) { output in
                let start = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                if unsafe EVP_Digest(input.baseAddress, input.count, start, nil, algorithm, nil) != 1 {
                    unsafe _ = COpenSSL.SHA256(
                        input.baseAddress?.assumingMemoryBound(to: UInt8.self), input.count, start)
                }
            }
        }
        return Digest(digest)
    }
}

/// SHA-256 of bytes that come in parts.
@safe package struct SHA256Stream: ~Copyable {
    /// INVARIANT: a hash context that this value alone owns, set up for SHA-256.
    private let context: OpaquePointer

    /// - Returns: `nil` if there is no memory or no SHA-256.
    package init?() {
        guard let context = unsafe EVP_MD_CTX_new() else { return nil }
        guard unsafe EVP_DigestInit_ex(context, SHA256.algorithm, nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            return nil
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { input in
            _ = unsafe EVP_DigestUpdate(context, input.baseAddress, input.count)
        }
    }

    package consuming func finish() -> Digest {
        var digest = SIMD32<UInt8>()
        unsafe withUnsafeMutableBytes(of: &digest) { output in
            _ = unsafe EVP_DigestFinal_ex(context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        return Digest(digest)
    }
}
