// SPDX-License-Identifier: Apache-2.0

/// A SHA-256 digest.
package struct Digest: Hashable, Sendable {
    private let storage: SIMD32<UInt8>

    init(_ storage: SIMD32<UInt8>) { self.storage = storage }

    /// - Parameter bytes: 32 of them, or there is no digest.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count == 32 else { return nil }
        storage = unsafe bytes.bytes.unsafeLoadUnaligned(as: SIMD32<UInt8>.self)
    }

    /// The 32 bytes.
    package var bytes: [UInt8] { unsafe withUnsafeBytes(of: storage) { unsafe Array($0) } }

    package var base64: String { Base64.encode(bytes) }
    package var base64URL: String { Base64.encode(bytes, .urlSafe) }

    /// 64 lower-case hexadecimal digits.
    package var hex: String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        appendHex(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The first 16 bytes as two numbers, of each the first byte highest.
    package var leadingWords: (high: UInt64, low: UInt64) {
        let words = unsafe unsafeBitCast(storage, to: SIMD4<UInt64>.self)
        return (UInt64(bigEndian: words[0]), UInt64(bigEndian: words[1]))
    }

    /// Appends 43 characters of URL-safe base64.
    package func appendBase64URL(to output: inout [UInt8]) {
        unsafe withUnsafeBytes(of: storage) { bytes in
            unsafe Base64.append(bytes.assumingMemoryBound(to: UInt8.self).span, .urlSafe, to: &output)
        }
    }

    /// Appends the 32 bytes.
    package func append(to output: inout [UInt8]) {
        unsafe withUnsafeBytes(of: storage) { unsafe output += $0 }
    }

    /// Appends 64 lower-case hexadecimal digits.
    package func appendHex(to output: inout [UInt8]) {
        let digits: StaticString = "0123456789abcdef"
        for offset in 0..<32 {
            unsafe output.append(digits.utf8Start[Int(storage[offset] >> 4)])
            unsafe output.append(digits.utf8Start[Int(storage[offset] & 15)])
        }
    }
}
