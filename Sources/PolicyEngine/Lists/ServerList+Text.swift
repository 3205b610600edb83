// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension ServerList {
    /// Largest text list, in bytes.
    package static let maxTextBytes = 16 << 20
    private static let maxLineBytes = 1024

    /// Reads a list of one server name a line. `#` begins a comment; blanks around a name and empty lines are nothing;
    /// lines end with LF or CRLF. Names only in ASCII, comments in UTF-8 or anything else without control characters.
    ///
    /// A list without a name is refused: a file that was emptied by accident would otherwise let everybody out of it.
    package init(text bytes: [UInt8]) throws(ListFault) {
        guard bytes.count <= Self.maxTextBytes else { throw .tooLarge(limit: Self.maxTextBytes) }
        var lines: [ServerName: Int] = [:]
        var number = 0
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            guard line.count <= Self.maxLineBytes else {
                throw .line(number, "is longer than \(Self.maxLineBytes) bytes")
            }
            let whole = line.last == 0x0D ? line.dropLast() : line
            guard !whole.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
                throw .line(number, "has a control character")
            }
            let written = whole.prefix { $0 != UInt8(ascii: "#") }
            let start = written.drop { Self.isBlank($0) }
            guard let end = start.lastIndex(where: { !Self.isBlank($0) }) else { continue }
            let name = start[...end]
            if name.contains(where: Self.isBlank) { throw .line(number, "holds more than one word") }
            let server: ServerName
            do throws(ListFault) {
                server = try Self.name(name, place: number)
            } catch {
                guard case .name(let text, _, let why) = error else { throw error }
                throw .line(number, "has \(quoted(text)), which \(why)")
            }
            if let first = lines.updateValue(number, forKey: server) {
                throw .repeated(server.text, first: first, second: number)
            }
            guard lines.count <= Self.maxNames else { throw .tooManyNames(limit: Self.maxNames) }
        }
        guard !lines.isEmpty else { throw .noNames }
        self.init(names: Set(lines.keys), entries: lines.count, sha256: SHA256.hash(bytes))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
