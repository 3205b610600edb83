// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// A signed list as it lies in its file: a JSON Web Signature in compact form, taken apart. Nothing is proved yet.
///
/// One spelling only: three parts of base64url without padding and without stray bits, two dots, not a byte more.
/// RFC 7515, section 3.1.
package struct CompactJWS: Sendable {
    package let header: JWSHeader
    /// What the signature must be of.
    package let signingInput: [UInt8]
    /// ECDSA: r and s, each as long as the curve's order. RFC 7518, section 3.4.
    package let signature: [UInt8]
    /// Read only by `ServerList`, once somebody says who signed it.
    let payload: [UInt8]
    /// Of the whole file.
    let sha256: Digest

    /// Largest file, in bytes.
    package static let maxBytes = 23 << 20
    /// Largest payload, in bytes.
    package static let maxPayloadBytes = 16 << 20
    private static let maxSignatureBytes = 1024

    package init(reading bytes: [UInt8]) throws(ListFault) {
        guard bytes.count <= Self.maxBytes else { throw .tooLarge(limit: Self.maxBytes) }
        var dots: [Int] = []
        for offset in bytes.indices where !Self.isDigit(bytes[offset]) {
            guard bytes[offset] == UInt8(ascii: "."), dots.count < 2 else {
                throw .notCompact("byte \(offset) does not belong there")
            }
            dots.append(offset)
        }
        guard dots.count == 2 else { throw .notCompact("it has \(dots.count + 1) parts, not 3") }
        let parts = [bytes[..<dots[0]], bytes[(dots[0] + 1)..<dots[1]], bytes[(dots[1] + 1)...]]
        let names = ["header", "payload", "signature"]
        let limits = [JWSHeader.maxBytes, Self.maxPayloadBytes, Self.maxSignatureBytes]
        var decoded: [[UInt8]] = []
        for ((part, name), limit) in zip(zip(parts, names), limits) {
            guard part.count <= (limit * 4 + 2) / 3 else { throw .tooLarge(limit: limit) }
            guard !part.isEmpty, let value = Base64.decode(part.span) else {
                throw .notCompact("its \(name) is not written in base64url")
            }
            decoded.append(value)
        }
        header = try JWSHeader(reading: decoded[0])
        payload = decoded[1]
        signature = decoded[2]
        signingInput = Array(bytes[..<dots[1]])
        sha256 = SHA256.hash(bytes)
    }

    /// Letters, digits, `-` and `_`: no padding, nothing of the other alphabet.
    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }
}
