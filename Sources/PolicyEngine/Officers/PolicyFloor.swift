// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// The policy that was put in force last: what follows must have a higher serial. AC-99.
///
/// As a file one line, `policy ID serial N sha256 HEX`.
package struct PolicyFloor: Hashable, Sendable {
    package static let maxBytes = 256

    package let id: String
    package let serial: Int64
    package let sha256: Digest

    package init(id: String, serial: Int64, sha256: Digest) {
        self.id = id
        self.serial = serial
        self.sha256 = sha256
    }

    package init(_ policy: Policy) { self.init(id: policy.id, serial: policy.serial, sha256: policy.sha256) }

    /// - Returns: `nil` for anything but the one line.
    package init?(parsing bytes: [UInt8]) {
        guard let lines = try? TextLines(bytes, maxBytes: Self.maxBytes).lines, lines.count == 1 else { return nil }
        let words = lines[0]
        guard words.count == 6, words[0] == "policy", words[2] == "serial", words[4] == "sha256",
            words[1].utf8.count <= 64, let serial = Int64(words[3]), serial >= 1, String(serial) == words[3],
            let sha256 = Digest(hex: words[5])
        else { return nil }
        self.init(id: words[1], serial: serial, sha256: sha256)
    }

    package var bytes: [UInt8] { Array("policy \(id) serial \(serial) sha256 \(sha256.hex)\n".utf8) }

    /// Whether this is the policy that the floor stands for.
    package func isOf(_ policy: Policy) -> Bool { serial == policy.serial && sha256 == policy.sha256 }
}

extension Digest {
    /// - Parameter text: 64 lower-case hexadecimal digits.
    package init?(hex text: String) {
        let digits = Array(text.utf8.prefix(65))
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = Self.nibble(digits[index]), let low = Self.nibble(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.init(bytes.span)
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
