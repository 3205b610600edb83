// SPDX-License-Identifier: Apache-2.0

/// Finds where one JSON value ends whose bytes come in pieces. It only counts brackets and quotes: whether what it found is JSON is
/// asked of the strict reader.
struct ValueScan: Sendable {
    private let isScalar: Bool
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// - Parameter first: the first byte of the value, which is given to `run` too.
    init(first: UInt8) {
        switch first {
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["): isScalar = false
        default: isScalar = true
        }
    }

    /// - Returns: the end of what belongs to the value, and whether the value ends there. A number or a word ends before the first
    ///   byte that cannot belong to it.
    mutating func run(_ bytes: Span<UInt8>, from start: Int) -> (end: Int, isWhole: Bool) {
        var at = start
        if isScalar {
            while at < bytes.count, !Self.endsScalar(bytes[at]) { at += 1 }
            return (at, at < bytes.count)
        }
        while at < bytes.count {
            if isInString {
                guard !isEscaped else {
                    isEscaped = false
                    at += 1
                    continue
                }
                at = JSONReader.endOfPlainRun(bytes, at)
                guard at < bytes.count else { break }
                let byte = bytes[at]
                at += 1
                if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    if depth == 0 { return (at, true) }
                }
                continue
            }
            switch bytes[at] {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return (at + 1, true) }
            default: break
            }
            at += 1
        }
        return (at, false)
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
            true
        default: false
        }
    }
}
