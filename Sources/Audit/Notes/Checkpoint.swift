// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What a log says of itself at one moment: its name, how many entries it has, and the root over them. C2SP tlog-checkpoint.
package struct Checkpoint: Hashable, Sendable {
    package let origin: String
    package let size: UInt64
    package let root: Digest

    /// No log has more entries; arithmetic on sizes below it cannot overflow.
    package static let sizeLimit: UInt64 = 1 << 60

    package init(origin: String, size: UInt64, root: Digest) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The text of the note.
    package var text: [UInt8] { Array("\(origin)\n\(size)\n\(NoteBase64.encode(root.bytes))\n".utf8) }

    /// Reads a note's text; lines behind the third are allowed and mean nothing here.
    package init?(text: [UInt8]) {
        guard text.last == 0x0A else { return nil }
        let lines = text.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.count >= 3, lines.allSatisfy({ !$0.isEmpty }), lines[0].count <= NoteName.limit,
            let size = Self.decimal(lines[1]), size <= Self.sizeLimit,
            let hash = NoteBase64.decode(Array(lines[2]).span), let root = Digest(hash.span),
            let origin = String(validating: lines[0], as: UTF8.self)
        else { return nil }
        self.init(origin: origin, size: size, root: root)
    }

    /// Without a sign and leading zeros.
    static func decimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard let first = digits.first, digits.count <= 19, digits.count == 1 || first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
    }

    package enum Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        case malformed
        case otherKey
        case unsigned

        package var description: String {
            switch self {
            case .malformed: "it is no checkpoint"
            case .otherKey: "it is the checkpoint of another log"
            case .unsigned: "its signature is not by this key, or not of this text"
            }
        }
    }

    /// Reads a note and believes it only if the log's key signed it.
    package init(note: [UInt8], signedBy key: NoteKey) throws(Refusal) {
        guard let note = try? SignedNote(parsing: note), let checkpoint = Checkpoint(text: note.text) else {
            throw .malformed
        }
        guard checkpoint.origin == key.name else { throw .otherKey }
        guard note.isSigned(by: key) else { throw .unsigned }
        self = checkpoint
    }
}
