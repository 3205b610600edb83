// SPDX-License-Identifier: Apache-2.0

/// The name a server gives to one of its signing keys: `ed25519:` and one or more of `[A-Za-z0-9_]`.
///
/// Specification, Server-Server API, "Publishing Keys".
package struct KeyID: Hashable, Sendable {
    /// ASCII, at most 512 bytes.
    package let text: String

    /// The specification sets no limit; this one leaves room in a header block.
    package static let maxBytes = 512

    package enum Malformed: Error, Equatable, Sendable {
        /// An algorithm other than `ed25519`, or none.
        case algorithm
        /// An empty version, one with another character, or a name above 512 bytes.
        case version
    }

    package init(parsing bytes: Span<UInt8>) throws(Malformed) {
        let prefix: StaticString = "ed25519:"
        let length = prefix.utf8CodeUnitCount
        guard bytes.count >= length else { throw .algorithm }
        for offset in 0..<length where unsafe bytes[offset] != prefix.utf8Start[offset] { throw .algorithm }
        guard bytes.count > length, bytes.count <= Self.maxBytes else { throw .version }
        for offset in length..<bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                continue
            default: throw .version
            }
        }
        text = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    package init(_ text: String) throws(Malformed) { try self.init(parsing: text.utf8.span) }

    /// The part after the algorithm.
    package var version: String { String(text.dropFirst(8)) }
}
