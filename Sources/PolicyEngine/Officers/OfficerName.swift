// SPDX-License-Identifier: Apache-2.0

/// How configuration, policy and signatures call an officer: begins with a lower-case letter, then lower-case letters,
/// digits, `_` and `-`, at most 40.
package struct OfficerName: Hashable, Comparable, Sendable {
    package let text: String

    package init?(_ text: String) {
        let bytes = Array(text.utf8.prefix(41))
        guard (1...40).contains(bytes.count), (0x61...0x7A).contains(bytes[0]) else { return nil }
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x61...0x7A, 0x2D, 0x5F: break
            default: return nil
            }
        }
        self.text = text
    }

    package static func < (a: OfficerName, b: OfficerName) -> Bool { a.text < b.text }
}

extension ValueDecoder {
    package var officerName: OfficerName? {
        guard let text else { return nil }
        guard let name = OfficerName(text) else {
            fail(
                "\(quoted(text)) cannot name an officer",
                todo: "begin with a lower-case letter, then use lower-case letters, digits, `_` and `-`, at most 40")
            return nil
        }
        return name
    }
}
