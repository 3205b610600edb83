// SPDX-License-Identifier: Apache-2.0

/// A room: `!opaque:server` up to room version 11, from 12 on `!` and the hash of its create event.
package struct RoomID: Hashable, Sendable {
    /// At most 255 bytes, without control characters.
    package let text: String
    /// The server in the name; a hint at who made the room, no proof. `nil` from room version 12 on.
    package let server: ServerName?

    package init(_ text: String) throws(MalformedIdentifier) {
        let bytes = text.utf8.span
        try IdentifierGrammar.check(bytes, sigil: UInt8(ascii: "!"))
        let isHash = IdentifierGrammar.isHash(bytes, isStandardAllowed: false)
        server = isHash ? nil : try IdentifierGrammar.server(of: bytes)
        self.text = text
    }

    package static func == (a: RoomID, b: RoomID) -> Bool { IdentifierGrammar.areSame(a.text, b.text) }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
