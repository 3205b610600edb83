// SPDX-License-Identifier: Apache-2.0

/// An event: `$opaque:server` in room versions 1 and 2, later `$` and the hash of the event.
package struct EventID: Hashable, Sendable {
    /// At most 255 bytes, without control characters.
    package let text: String
    /// The server in the name, in room versions 1 and 2; `nil` later.
    package let server: ServerName?

    package init(_ text: String) throws(MalformedIdentifier) {
        let bytes = text.utf8.span
        try IdentifierGrammar.check(bytes, sigil: UInt8(ascii: "$"))
        let isHash = IdentifierGrammar.isHash(bytes, isStandardAllowed: true)
        server = isHash ? nil : try IdentifierGrammar.server(of: bytes)
        self.text = text
    }

    package static func == (a: EventID, b: EventID) -> Bool { IdentifierGrammar.areSame(a.text, b.text) }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
