// SPDX-License-Identifier: Apache-2.0

/// What records of one kind hold. `RecordShape.all` stands beside the encoder: what it does not name, no record has, and a test
/// holds the two together. The JSON Schema of records is made of it.
package struct RecordShape: Sendable {
    package struct Member: Sendable {
        package let name: String
        package let value: Value
        package let isRequired: Bool
    }

    package indirect enum Value: Sendable {
        /// At most so many bytes, after escaping.
        case text(limit: Int)
        case words([String])
        /// Of either sign.
        case integer
        /// 0 or more.
        case count
        /// 64 hexadecimal digits.
        case digest
        /// 32 hexadecimal digits.
        case reference
        /// Unpadded, of the alphabet with `+` and `/`.
        case base64
        /// RFC 3339, UTC, microseconds.
        case time
        case object([Member])
        case list(Value, most: Int?)

        static let text = Value.text(limit: JSONWriter.fieldLimit)
    }

    package let kind: String
    /// Sorted by name, those of every record among them but for `kind` and `v`.
    package let members: [Member]

    private static let common: [Member] = [
        .must("node", .text(limit: 255)), .must("seq", .count), .must("time", .time),
    ]

    init(_ kind: String, _ members: Member...) {
        self.kind = kind
        self.members = (members + Self.common).sorted { $0.name < $1.name }
    }
}

extension RecordShape.Member {
    /// In each record of the kind.
    static func must(_ name: String, _ value: RecordShape.Value) -> Self {
        Self(name: name, value: value, isRequired: true)
    }

    /// Left out where it is not known or does not apply.
    static func may(_ name: String, _ value: RecordShape.Value) -> Self {
        Self(name: name, value: value, isRequired: false)
    }
}
