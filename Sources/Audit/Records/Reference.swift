// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// A room or an event in a record: the first 16 bytes of SHA-256(salt ‖ kind ‖ id).
///
/// Whoever holds the log's salt and an id can find its records; the log alone names no room and no person.
package struct Reference: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(_ name: KeyedName) { self.init(high: name.high, low: name.low) }

    /// 32 lower-case hexadecimal digits, as records show it.
    package var hex: String {
        var writer = JSONWriter()
        writer.hexadecimal(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// The salt of one log, and what is hashed with it.
package struct ReferenceKey: Sendable {
    package enum Kind: UInt8, Sendable {
        case room = 0x72
        case event = 0x65
    }

    /// 32 bytes.
    private let salt: [UInt8]

    package init(salt: [UInt8]) { self.salt = salt }

    package func reference(_ kind: Kind, _ id: String) -> Reference {
        var input: [UInt8] = []
        input.reserveCapacity(salt.count + 1 + id.utf8.count)
        input.append(contentsOf: salt)
        input.append(kind.rawValue)
        input.append(contentsOf: id.utf8)
        let digest = SHA256.hash(input).bytes
        return Reference(high: Self.word(digest, at: 0), low: Self.word(digest, at: 8))
    }

    private static func word(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        bytes[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
