// SPDX-License-Identifier: Apache-2.0

/// A name of a room in the directory of one server: `#localpart:server`.
package struct RoomAlias: Hashable, Sendable {
    /// At most 255 bytes, without control characters.
    package let text: String
    /// The server that holds the alias. Always there.
    package let server: ServerName?

    package init(_ text: String) throws(MalformedIdentifier) {
        let bytes = text.utf8.span
        try IdentifierGrammar.check(bytes, sigil: UInt8(ascii: "#"))
        server = try IdentifierGrammar.server(of: bytes)
        self.text = text
    }

    package static func == (a: RoomAlias, b: RoomAlias) -> Bool { IdentifierGrammar.areSame(a.text, b.text) }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
