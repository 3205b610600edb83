// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Takes the lines of a small file one after the other.
struct LineReader {
    private let lines: [[String]]
    private var next = 0

    init(_ bytes: [UInt8], maxBytes: Int) throws(MalformedLines) {
        lines = try TextLines(bytes, maxBytes: maxBytes).lines
    }

    var isAtEnd: Bool { next == lines.count }

    /// Whether the next line begins with a word.
    func begins(with word: String) -> Bool { !isAtEnd && lines[next].first == word }

    /// The next line as `read` has it.
    ///
    /// - Parameter form: what it should be, for the message.
    @discardableResult
    mutating func take<Value>(
        _ form: String, _ read: ([String]) -> Value?
    ) throws(MalformedLines) -> Value {
        guard !isAtEnd else { throw MalformedLines(line: next + 1, what: "`\(form)` is missing") }
        guard let value = read(lines[next]) else {
            throw MalformedLines(line: next + 1, what: "no `\(form)`")
        }
        next += 1
        return value
    }
}

extension [String] {
    /// The second of two words.
    func value(_ key: String) -> String? { count == 2 && self[0] == key ? self[1] : nil }

    /// One spelling: no sign, no leading zero.
    func number(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        value(key).flatMap { text in
            Int64(text).flatMap { String($0) == text && range.contains($0) ? $0 : nil }
        }
    }

    func instant(_ key: String) -> Timestamp? { value(key).flatMap(Self.instant) }

    /// With a time, so that nobody reads a day as its beginning.
    static func instant(_ text: String) -> Timestamp? { text.utf8.count == 20 ? StrictDate.end(text) : nil }
}
