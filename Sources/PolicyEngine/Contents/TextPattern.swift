// SPDX-License-Identifier: Apache-2.0

/// A text in which each `*` stands for any number of bytes, matched whole and byte by byte.
struct TextPattern: Hashable, Comparable, Sendable {
    let text: String
    private let bytes: [UInt8]

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    static func < (a: TextPattern, b: TextPattern) -> Bool { a.text < b.text }

    /// Never steps back further than to the last `*`: at most the product of the two lengths.
    func matches(_ candidate: some Collection<UInt8>) -> Bool {
        let input = Array(candidate)
        var (at, position) = (0, 0)
        var star: (pattern: Int, input: Int)?
        while position < input.count {
            if at < bytes.count, bytes[at] == UInt8(ascii: "*") {
                star = (at + 1, position)
                at += 1
            } else if at < bytes.count, bytes[at] == input[position] {
                at += 1
                position += 1
            } else if let last = star {
                star = (last.pattern, last.input + 1)
                (at, position) = (last.pattern, last.input + 1)
            } else {
                return false
            }
        }
        return bytes[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
