// SPDX-License-Identifier: Apache-2.0

/// Reading strings and numbers.
extension JSONDocument {
    /// The text of a string or key, escapes resolved; `nil` for other values.
    package func string(_ node: Node) -> String? {
        let entry = self[node]
        guard entry.kind == .string else { return nil }
        let start = Int(entry.offset)
        let end = start + Int(entry.length)
        guard entry.flags.contains(.escaped) else { return String(decoding: bytes[start..<end], as: UTF8.self) }
        return String(decoding: unescaped(entry), as: UTF8.self)
    }

    /// The UTF-8 bytes a string or key stands for, if it has no escape; `nil` for others.
    package func stringBytes(_ node: Node) -> ArraySlice<UInt8>? { stringRange(node).map { bytes[$0] } }

    /// Where in `bytes` the text of a string or key stands, if it has no escape; `nil` for others.
    package func stringRange(_ node: Node) -> Range<Int>? {
        let entry = self[node]
        guard entry.kind == .string, !entry.flags.contains(.escaped) else { return nil }
        return Int(entry.offset)..<Int(entry.offset) + Int(entry.length)
    }

    /// The UTF-8 bytes a string or key stands for, escapes resolved; `nil` for other values.
    package func decodedBytes(_ node: Node) -> [UInt8]? {
        let entry = self[node]
        guard entry.kind == .string else { return nil }
        guard let range = stringRange(node) else { return unescaped(entry) }
        return Array(bytes[range])
    }

    /// How many UTF-8 bytes a string or key stands for; 0 for other values.
    package func stringLength(_ node: Node) -> Int {
        let entry = self[node]
        guard entry.kind == .string else { return 0 }
        return entry.flags.contains(.escaped) ? unescaped(entry).count : Int(entry.length)
    }

    /// Whether a value is a string of exactly this text, byte by byte.
    package func stringEquals(_ node: Node, _ text: StaticString) -> Bool {
        unsafe stringEquals(node, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount).span)
    }

    /// Whether a value is a string of exactly these UTF-8 bytes.
    package func stringEquals(_ node: Node, _ text: Span<UInt8>) -> Bool {
        let entry = self[node]
        return entry.kind == .string && equals(entry, text)
    }

    /// Whether a value is a string of exactly this text, byte by byte.
    package func stringEquals(_ node: Node, _ text: String) -> Bool { stringEquals(node, text.utf8.span) }

    /// The value of an integer that fits 64 bits; `nil` for all else. Never rounded.
    package func integer(_ node: Node) -> Int64? {
        let entry = self[node]
        guard entry.kind == .integer, entry.length <= 20 else { return nil }
        var at = Int(entry.offset)
        let end = at + Int(entry.length)
        let isNegative = bytes[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var value: Int64 = 0
        while at < end {
            let digit = Int64(bytes[at] &- UInt8(ascii: "0"))
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(isNegative ? -digit : digit)
            if overflow || carry { return nil }
            value = sum
            at += 1
        }
        return value
    }

    /// Whether a value is an integer within ±(2^53−1): the only numbers of canonical JSON.
    package func isCanonicalInteger(_ node: Node) -> Bool {
        let entry = self[node]
        return entry.kind == .integer && !entry.flags.contains(.foreignNumber)
    }

    /// The first number at or inside a value that canonical JSON does not have.
    package func nonCanonicalNumber(in node: Node) -> Node? {
        guard !hasOnlyCanonicalNumbers else { return nil }
        for index in node.index..<self[node].next where entries[Int(index)].flags.contains(.foreignNumber) {
            return Node(index: index)
        }
        return nil
    }

    func equals(_ entry: JSONEntry, _ text: Span<UInt8>) -> Bool {
        let all = bytes.span
        guard !entry.flags.contains(.escaped) else {
            var walk = EscapedBytes(entry)
            for i in text.indices where walk.next(all) != text[i] { return false }
            return walk.next(all) == nil
        }
        guard Int(entry.length) == text.count else { return false }
        return ByteRuns.equal(all, Int(entry.offset), text, 0, count: text.count)
    }

    private func unescaped(_ entry: JSONEntry) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(Int(entry.length))
        var walk = EscapedBytes(entry)
        let all = bytes.span
        while let byte = walk.next(all) { text.append(byte) }
        return text
    }
}
