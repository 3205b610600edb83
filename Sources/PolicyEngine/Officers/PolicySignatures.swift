// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// The file of signatures beside a policy: a line for each, `officer NAME serial N ed25519 SIGNATURE`.
///
/// Files of several officers can be put together by `cat`. Signatures of other serials may stand in it and count for those
/// only, so that a policy and the next one can lie side by side while one takes the other's place.
package struct PolicySignatures: Hashable, Sendable {
    package static let maxBytes = 16 << 10
    package static let maxLines = 64

    package struct Entry: Hashable, Sendable {
        package let officer: OfficerName
        package let serial: Int64
        package let signature: Signature
        /// Where it stands in the file, counted from 1; 0 if it was just made.
        package let line: Int
    }

    package private(set) var entries: [Entry]

    package init() { entries = [] }

    /// - Parameter bytes: the whole file. One wrong line and none of them counts.
    package init(parsing bytes: [UInt8]) throws(MalformedLines) {
        let lines = try TextLines(bytes, maxBytes: Self.maxBytes).lines
        guard lines.count <= Self.maxLines else {
            throw MalformedLines(line: 0, what: "it has more than \(Self.maxLines) lines")
        }
        var entries: [Entry] = []
        for (index, words) in lines.enumerated() {
            guard words.count == 6, words[0] == "officer", let officer = OfficerName(words[1]), words[2] == "serial",
                let serial = Self.serial(words[3]), words[4] == "ed25519",
                let signature = Signature(standardBase64: words[5].utf8.span), signature.base64 == words[5]
            else { throw MalformedLines(line: index + 1, what: "no `officer NAME serial N ed25519 SIGNATURE`") }
            entries.append(Entry(officer: officer, serial: serial, signature: signature, line: index + 1))
        }
        self.entries = entries
    }

    /// The file, sorted.
    package var bytes: [UInt8] {
        let lines = entries.sorted {
            ($0.serial, $0.officer, $0.signature.base64) < ($1.serial, $1.officer, $1.signature.base64)
        }.map { "officer \($0.officer.text) serial \($0.serial) ed25519 \($0.signature.base64)\n" }
        return Array(lines.joined().utf8)
    }

    /// Puts an officer's signature in the place of what he has signed of this serial.
    package mutating func put(_ signature: Signature, by officer: OfficerName, serial: Int64) {
        entries.removeAll { $0.officer == officer && $0.serial == serial }
        entries.append(Entry(officer: officer, serial: serial, signature: signature, line: 0))
    }

    /// Those for one serial.
    package func of(serial: Int64) -> [Entry] { entries.filter { $0.serial == serial } }

    /// Those of one serial here, and of another there.
    package static func union(_ a: PolicySignatures, _ serial: Int64, _ b: PolicySignatures, _ other: Int64) -> Self {
        var union = PolicySignatures()
        union.entries = b.of(serial: other) + (serial == other ? [] : a.of(serial: serial))
        return union
    }

    /// What officers sign: nothing but a policy's activation begins like this.
    package static func message(of policy: Policy) -> [UInt8] {
        Array(
            "entente policy signature 1\nid \(policy.id)\nserial \(policy.serial)\nsha256 \(policy.sha256.hex)\n".utf8)
    }

    private static func serial(_ text: String) -> Int64? {
        guard text.utf8.count <= 16, let serial = Int64(text), serial >= 1, String(serial) == text else { return nil }
        return serial
    }
}
