// SPDX-License-Identifier: Apache-2.0

/// The name of a homeserver: a DNS name or IP literal with an optional port.
///
/// Kept as received and compared byte for byte: case and port make different servers. Specification, Appendices,
/// "Server Name"; stricter than its grammar where that admits what cannot be a host: empty labels, labels that begin or
/// end with a hyphen or exceed 63 bytes, four decimal numbers that are no address, ports above 65535.
package struct ServerName: Hashable, Sendable {
    /// ASCII, 1 to 255 bytes.
    package let text: String
    package let kind: Kind
    /// The port as a number, if the name has one; `example.org:443` and `example.org:00443` are different names.
    package let port: UInt16?
    private let hostLength: UInt8

    package enum Kind: UInt8, Sendable {
        case dns
        /// Four decimal numbers of 0 to 255; leading zeros occur.
        case ipv4
        /// In brackets, without a zone.
        case ipv6
    }

    package enum Malformed: Error, Equatable, Sendable {
        /// Not 1 to 255 bytes.
        case length(Int)
        case byte(UInt8, offset: Int)
        /// An empty label, one above 63 bytes, or one that begins or ends with a hyphen.
        case label(offset: Int)
        case port(offset: Int)
        /// Not an IPv6 address in brackets, or not an IPv4 address although it is four numbers.
        case address(offset: Int)
    }

    /// Longest name, in bytes.
    package static let maxBytes = 255
    /// Longest name the specification advises, in bytes.
    package static let recommendedMaxBytes = 230

    package init(parsing bytes: Span<UInt8>) throws(Malformed) {
        let shape = try ServerNameGrammar.shape(of: bytes)
        text = Self.text(bytes)
        kind = shape.kind
        port = shape.port
        hostLength = UInt8(truncatingIfNeeded: shape.hostLength)
    }

    package init(_ text: String) throws(Malformed) { try self.init(parsing: text.utf8.span) }

    /// The name without its port; IPv6 literals keep their brackets.
    package var host: String { String(decoding: text.utf8.prefix(Int(hostLength)), as: UTF8.self) }

    package var isIPLiteral: Bool { kind != .dns }

    package static func == (a: ServerName, b: ServerName) -> Bool { a.text == b.text }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// The bytes of a checked name as text; up to 15 of them need no allocation.
    private static func text(_ bytes: Span<UInt8>) -> String {
        unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension ServerName: CustomStringConvertible {
    package var description: String { text }
}
