// SPDX-License-Identifier: Apache-2.0

/// Why a text is not an identifier of the kind asked for.
package enum MalformedIdentifier: Error, Equatable, Sendable {
    /// Not 1 to 255 bytes.
    case length(Int)
    /// Does not begin with the sign of its kind.
    case sigil
    /// A control character, NUL included: never needed, and a trap in logs and C strings.
    case controlCharacter(offset: Int)
    case missingServer
    case server(ServerName.Malformed)
}

/// What the identifiers of users, rooms, events and aliases have in common. Specification, Appendices, "Common Namespace
/// Format".
enum IdentifierGrammar {
    /// Longest identifier, in bytes.
    static let maxBytes = 255

    static func check(_ text: Span<UInt8>, sigil: UInt8) throws(MalformedIdentifier) {
        guard text.count > 0, text.count <= maxBytes else { throw .length(text.count) }
        guard text[0] == sigil else { throw .sigil }
        for offset in text.indices where text[offset] < 0x20 || text[offset] == 0x7F {
            throw .controlCharacter(offset: offset)
        }
    }

    /// The server an identifier names: everything after the *first* colon, since ports and IPv6 have colons too.
    static func server(of text: Span<UInt8>) throws(MalformedIdentifier) -> ServerName {
        for offset in text.indices where text[offset] == UInt8(ascii: ":") {
            do {
                return try ServerName(parsing: text.extracting(offset + 1..<text.count))
            } catch {
                throw .server(error)
            }
        }
        throw .missingServer
    }

    /// Whether a text is its sign and an unpadded base64 SHA-256 digest.
    ///
    /// - Parameter isStandardAllowed: also in the alphabet with `+` and `/`, of room version 3.
    static func isHash(_ text: Span<UInt8>, isStandardAllowed: Bool) -> Bool {
        guard text.count == 44 else { return false }
        var hasStandard = false
        var hasURLSafe = false
        for offset in 1..<44 {
            switch text[offset] {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                continue
            case UInt8(ascii: "-"), UInt8(ascii: "_"): hasURLSafe = true
            case UInt8(ascii: "+"), UInt8(ascii: "/"): hasStandard = true
            default: return false
            }
        }
        return !hasStandard || isStandardAllowed && !hasURLSafe
    }

    /// Equality by bytes: `String` holds equivalent Unicode texts for equal, homeservers do not.
    static func areSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }
}
