// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// A text and signatures under it. C2SP signed-note. Nothing is verified by reading it.
package struct SignedNote: Sendable {
    /// With its last line feed.
    package let text: [UInt8]
    package let signatures: [Line]

    package struct Line: Hashable, Sendable {
        package let name: String
        package let id: UInt32
        package let signature: [UInt8]

        package init(name: String, id: UInt32, signature: [UInt8]) {
            self.name = name
            self.id = id
            self.signature = signature
        }

        /// With its line feed.
        package var text: String {
            let id = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self.id >> $0) }
            return "— \(name) \(NoteBase64.encode(id + signature))\n"
        }
    }

    /// The largest note that is read, in bytes; and the most signatures.
    package static let byteLimit = 1 << 17
    package static let signatureLimit = 32

    package enum Malformed: Error, Equatable, Sendable {
        case tooLong
        /// No UTF-8, or control characters.
        case characters
        /// No empty line before the signatures, or nothing behind it.
        case form
        case signatureLine
    }

    package init(parsing bytes: [UInt8]) throws(Malformed) {
        guard bytes.count <= Self.byteLimit else { throw .tooLong }
        guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0A }), String(validating: bytes, as: UTF8.self) != nil else {
            throw .characters
        }
        guard bytes.last == 0x0A, let split = Self.lastEmptyLine(bytes), split > 0 else { throw .form }
        text = Array(bytes[..<split])
        signatures = try Self.lines(bytes[(split + 1)...])
    }

    /// Signature lines, at least one, each with its line feed.
    private static func lines(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> [Line] {
        guard bytes.last == 0x0A else { throw .form }
        var signatures: [Line] = []
        for line in bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false) {
            guard signatures.count < Self.signatureLimit else { throw .tooLong }
            guard let line = Self.signature(line) else { throw .signatureLine }
            signatures.append(line)
        }
        return signatures
    }

    /// Lines that are to stand under a note, as a witness answers them.
    package static func signatures(parsing bytes: [UInt8]) throws(Malformed) -> [Line] {
        guard bytes.count <= Self.byteLimit else { throw .tooLong }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .characters }
        return try lines(bytes[...])
    }

    package init(text: [UInt8], signatures: [Line]) {
        self.text = text
        self.signatures = signatures
    }

    /// Text, empty line, signatures.
    package var bytes: [UInt8] { text + [0x0A] + Array(signatures.map(\.text).joined().utf8) }

    /// Where the last empty line of the note begins: behind the text's last line feed.
    private static func lastEmptyLine(_ bytes: [UInt8]) -> Int? {
        var at = bytes.count - 2
        while at > 0 {
            if bytes[at] == 0x0A, bytes[at - 1] == 0x0A { return at }
            at -= 1
        }
        return nil
    }

    private static let dash = Array("— ".utf8)

    private static func signature(_ line: ArraySlice<UInt8>) -> Line? {
        guard line.starts(with: dash) else { return nil }
        let rest = line.dropFirst(dash.count)
        guard let space = rest.firstIndex(of: 0x20) else { return nil }
        let name = String(decoding: rest[..<space], as: UTF8.self)
        guard NoteName.isValid(name), let bytes = NoteBase64.decode(Array(rest[(space + 1)...]).span), bytes.count > 4
        else { return nil }
        return Line(
            name: name, id: bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }, signature: Array(bytes[4...]))
    }

    /// Whether the key signed the text. Signatures of others are ignored; one of this key that is wrong spoils the note.
    package func isSigned(by key: NoteKey) -> Bool {
        let own = signatures.filter { $0.name == key.name && $0.id == key.id }
        return !own.isEmpty
            && own.allSatisfy { line in
                MatrixFederation.Signature(line.signature.span).map { key.key.isValid(signature: $0, of: text) }
                    ?? false
            }
    }
}
