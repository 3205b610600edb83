// SPDX-License-Identifier: Apache-2.0

/// The lines of a small file that machines write: printable ASCII, words with one space between, each line ended.
///
/// So every content has one spelling, and nothing in it moves a cursor when it is printed.
struct TextLines {
    /// Of each line, its words; no word is empty.
    let lines: [[String]]

    init(_ bytes: [UInt8], maxBytes: Int) throws(MalformedLines) {
        guard bytes.count <= maxBytes else {
            throw MalformedLines(line: 0, what: "it is larger than \(maxBytes) bytes")
        }
        var lines: [[String]] = []
        var words: [String] = []
        var word: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x0A, 0x20:
                guard !word.isEmpty else {
                    throw MalformedLines(
                        line: lines.count + 1, what: "a word is missing where a space or a line ends it")
                }
                words.append(String(decoding: word, as: UTF8.self))
                word.removeAll(keepingCapacity: true)
                if byte == 0x0A {
                    lines.append(words)
                    words.removeAll()
                }
            case 0x21...0x7E: word.append(byte)
            default: throw MalformedLines(line: lines.count + 1, what: "a byte that is no printable ASCII character")
            }
        }
        guard word.isEmpty, words.isEmpty else {
            throw MalformedLines(line: lines.count + 1, what: "the last line has no end")
        }
        self.lines = lines
    }
}

/// Why such a file is not what it should be.
package struct MalformedLines: Error, Hashable, Sendable {
    /// Counted from 1; 0 for the whole file.
    package let line: Int
    package let what: String

    package init(line: Int, what: String) {
        self.line = line
        self.what = what
    }
}
