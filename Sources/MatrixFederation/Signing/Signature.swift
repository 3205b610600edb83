// SPDX-License-Identifier: Apache-2.0

/// An Ed25519 signature: 64 bytes, not yet verified.
package struct Signature: Hashable, Sendable {
    let storage: SIMD64<UInt8>

    init(_ storage: SIMD64<UInt8>) { self.storage = storage }

    /// - Parameter bytes: 64 of them, or there is no signature.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count == 64 else { return nil }
        storage = unsafe bytes.bytes.unsafeLoadUnaligned(as: SIMD64<UInt8>.self)
    }

    /// - Parameter text: base64 of 64 bytes, or there is no signature.
    package init?(base64 text: Span<UInt8>) {
        // Not worth decoding if it cannot be 64 bytes.
        guard text.count == 86 || text.count == 88, let bytes = Base64.decode(text) else { return nil }
        self.init(bytes.span)
    }

    /// - Parameter text: base64 of 64 bytes in the standard alphabet, or there is no signature.
    package init?(standardBase64 text: Span<UInt8>) {
        for offset in text.indices where text[offset] == UInt8(ascii: "-") || text[offset] == UInt8(ascii: "_") {
            return nil
        }
        self.init(base64: text)
    }

    package var bytes: [UInt8] { unsafe withUnsafeBytes(of: storage) { unsafe Array($0) } }

    /// Unpadded standard base64.
    package var base64: String { Base64.encode(bytes) }

    /// Appends the unpadded standard base64.
    package func appendBase64(to output: inout [UInt8]) { Base64.append(bytes.span, to: &output) }
}
