// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import Transport

/// A pinned public key as it is written: `sha256/` and the hash in base64. RFC 7469.
enum PinText {
    private static let prefix = "sha256/"

    static func hash(_ text: String) -> SPKIHash? {
        guard text.hasPrefix(prefix) else { return nil }
        var digits = text.dropFirst(prefix.count)
        while digits.last == "=" { digits.removeLast() }
        guard let bytes = Base64.decode(String(digits)) else { return nil }
        return SPKIHash(bytes: bytes)
    }

    static func text(_ hash: SPKIHash) -> String { prefix + Base64.encode(hash.bytes) + "=" }
}
