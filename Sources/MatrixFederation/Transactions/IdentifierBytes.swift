// SPDX-License-Identifier: Apache-2.0

/// Reads Matrix identifiers where they stand in a document, without making a `String` of them.
extension JSONDocument {
    /// Longest user, room and event identifier, state key and event type, in bytes.
    static let maxIdentifierBytes = 255

    /// Whether `node` is an identifier `<sigil>local:server` of exactly this server.
    ///
    /// The server is everything after the first `:`; compared byte by byte, port included.
    /// - Parameter server: the bytes of the server's name.
    func isIdentifier(_ node: Node, sigil: UInt8, of server: [UInt8]) -> Bool {
        guard let range = stringRange(node) else {
            guard let decoded = decodedBytes(node) else { return false }
            return Self.isIdentifier(decoded.span, 0..<decoded.count, sigil, server.span)
        }
        return Self.isIdentifier(bytes.span, range, sigil, server.span)
    }

    /// Whether `node` is a user of the server whose name has these bytes.
    func isUser(_ node: Node, of server: [UInt8]) -> Bool {
        isIdentifier(node, sigil: UInt8(ascii: "@"), of: server)
    }

    private static func isIdentifier(
        _ text: Span<UInt8>, _ range: Range<Int>, _ sigil: UInt8, _ name: Span<UInt8>
    ) -> Bool {
        guard range.count <= maxIdentifierBytes, range.count >= name.count + 2, text[range.lowerBound] == sigil else {
            return false
        }
        // The first colon has to be the one before the name.
        let colon = range.upperBound - name.count - 1
        guard text[colon] == UInt8(ascii: ":"), ByteRuns.equal(text, colon + 1, name, 0, count: name.count) else {
            return false
        }
        for offset in range.lowerBound + 1..<colon where text[offset] == UInt8(ascii: ":") { return false }
        return true
    }

    /// The server of the identifier `node`: what follows its first `:`, if that is a server name. Its length is another question.
    func server(of node: Node, sigil: UInt8) -> ServerName? {
        guard let range = stringRange(node) else {
            guard let decoded = decodedBytes(node) else { return nil }
            return Self.server(decoded.span, 0..<decoded.count, sigil)
        }
        return Self.server(bytes.span, range, sigil)
    }

    private static func server(_ text: Span<UInt8>, _ range: Range<Int>, _ sigil: UInt8) -> ServerName? {
        guard range.count >= 3, text[range.lowerBound] == sigil else { return nil }
        for offset in range where text[offset] == UInt8(ascii: ":") {
            return try? ServerName(parsing: text.extracting(offset + 1..<range.upperBound))
        }
        return nil
    }

    /// Whether `node` is a string that begins with `sigil`; its length is another question.
    func hasSigil(_ node: Node, _ sigil: UInt8) -> Bool {
        guard let range = stringRange(node) else { return decodedBytes(node)?.first == sigil }
        return !range.isEmpty && bytes[range.lowerBound] == sigil
    }
}
