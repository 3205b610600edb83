// SPDX-License-Identifier: Apache-2.0

/// A user: `@localpart:server`. Historical localparts, the empty one included, are accepted as they still occur.
package struct UserID: Hashable, Sendable {
    /// At most 255 bytes, without control characters.
    package let text: String
    /// The server that speaks for the user. Always there.
    package let server: ServerName?

    package init(_ text: String) throws(MalformedIdentifier) {
        let bytes = text.utf8.span
        try IdentifierGrammar.check(bytes, sigil: UInt8(ascii: "@"))
        server = try IdentifierGrammar.server(of: bytes)
        self.text = text
    }

    package static func == (a: UserID, b: UserID) -> Bool { IdentifierGrammar.areSame(a.text, b.text) }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
