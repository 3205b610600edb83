// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// SHA-256 over a few bytes, again and again, with one context for all: making one costs more than hashing a node of a tree.
///
/// For one thread at a time.
@safe package final class SHA256Hasher {
    /// INVARIANT: a hash context that this object alone owns; `nil` when there was no memory for it.
    private let context: OpaquePointer?

    package init() { unsafe context = EVP_MD_CTX_new() }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package func hash(_ bytes: [UInt8]) -> Digest { hash(bytes.span) }

    package func hash(_ bytes: Span<UInt8>) -> Digest {
        var digest = SIMD32<UInt8>()
        let isDone = unsafe bytes.withUnsafeBytes { bytes in
            unsafe run(into: &digest) { context in
                unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
            }
        }
        return isDone ? Digest(digest) : SHA256.hash(bytes)
    }

    /// Of one byte, then `bytes`.
    package func hash(_ prefix: UInt8, _ bytes: Span<UInt8>) -> Digest {
        var digest = SIMD32<UInt8>()
        let isDone = unsafe bytes.withUnsafeBytes { bytes in
            unsafe run(into: &digest) { context in
                var prefix = prefix
                return unsafe EVP_DigestUpdate(context, &prefix, 1) == 1
                    && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
            }
        }
        if isDone { return Digest(digest) }
        var input = [prefix]
        unsafe bytes.withUnsafeBufferPointer { unsafe input.append(contentsOf: $0) }
        return SHA256.hash(input)
    }

    /// Of one byte, then two digests.
    package func hash(_ prefix: UInt8, _ left: Digest, _ right: Digest) -> Digest {
        var digest = SIMD32<UInt8>()
        let isDone = unsafe withUnsafeBytes(of: left) { left in
            unsafe withUnsafeBytes(of: right) { right in
                unsafe run(into: &digest) { context in
                    var prefix = prefix
                    return unsafe EVP_DigestUpdate(context, &prefix, 1) == 1
                        && EVP_DigestUpdate(context, left.baseAddress, 32) == 1
                        && EVP_DigestUpdate(context, right.baseAddress, 32) == 1
                }
            }
        }
        return isDone ? Digest(digest) : SHA256.hash([prefix] + left.bytes + right.bytes)
    }

    private func run(into digest: inout SIMD32<UInt8>, _ body: (OpaquePointer) -> Bool) -> Bool {
        guard let context = unsafe context, unsafe EVP_DigestInit_ex(context, SHA256.algorithm, nil) == 1,
            unsafe body(context)
        else { return false }
        return unsafe withUnsafeMutableBytes(of: &digest) { output in
            unsafe EVP_DigestFinal_ex(context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
        }
    }
}
