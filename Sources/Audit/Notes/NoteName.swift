// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// The name of a key in a signed note, which is also the origin of the log that it signs. C2SP signed-note.
package enum NoteName {
    /// Longer names are not used here, in bytes.
    package static let limit = 255

    /// Not empty, without spaces of any script, control characters and `+`.
    package static func isValid(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= limit
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar.value != 0x7F && scalar != "+" && !scalar.properties.isWhitespace
            }
    }
}

/// Padded standard base64 with one spelling for each content, as notes have it. RFC 4648, section 4.
package enum NoteBase64 {
    package static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64.encode(bytes)
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }

    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0, let bytes = Base64.decode(text) else { return nil }
        let again = encode(bytes).utf8.span
        guard again.count == text.count else { return nil }
        for index in text.indices where text[index] != again[index] { return nil }
        return bytes
    }

    package static func decode(_ text: some StringProtocol) -> [UInt8]? { decode(Array(text.utf8).span) }
}
