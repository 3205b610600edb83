// SPDX-License-Identifier: Apache-2.0

extension JSONWriter {
    /// A quoted string; longer ones are cut at a character and end in `…`.
    mutating func string(_ text: String, limit: Int = JSONWriter.fieldLimit) {
        let span = text.utf8.span
        if span.count <= limit && Self.isPlain(span) {
            appendQuoted(span)
        } else {
            appendEscaped(text, limit: limit)
        }
    }

    mutating func elementText(_ text: String) {
        element()
        string(text)
        elementEnds()
    }

    /// A member whose value may be missing, in which case it is left out.
    mutating func member(_ quoted: StaticString, _ text: String?, limit: Int = JSONWriter.fieldLimit) {
        guard let text else { return }
        key(quoted)
        string(text, limit: limit)
    }

    mutating func member(_ quoted: StaticString, _ value: Int?) {
        guard let value else { return }
        key(quoted)
        integer(value)
    }

    mutating func member(_ quoted: StaticString, _ value: Int64?) {
        guard let value else { return }
        key(quoted)
        integer(value)
    }

    /// Whether no byte needs escaping: printable ASCII but quote and backslash.
    static func isPlain(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            let byte = text[index]
            if byte &- 0x20 >= 0x5F || byte == 0x22 || byte == 0x5C { return false }
        }
        return true
    }

    private mutating func appendQuoted(_ text: Span<UInt8>) {
        append(UInt8(ascii: "\""))
        unsafe text.withUnsafeBufferPointer { unsafe raw($0) }
        append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ text: String, limit: Int) {
        raw("\"")
        let start = count
        // The mark takes three bytes and is there only when something was cut.
        var fits = start
        for scalar in text.unicodeScalars {
            appendEscaped(scalar)
            if count - start <= limit - 3 { fits = count }
            if count - start > limit {
                cut(to: fits)
                raw("…")
                break
            }
        }
        raw("\"")
    }

    private mutating func appendEscaped(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x22: raw(#"\""#)
        case 0x5C: raw(#"\\"#)
        case let value where Self.isDangerous(value):
            raw(#"\u"#)
            for shift: UInt32 in [12, 8, 4, 0] { append(Self.digit(UInt8(value >> shift & 15))) }
        default:
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte) }
        }
    }

    /// Characters that act instead of showing: C0, DEL, C1, bidirectional controls, line and paragraph
    /// separators, byte order mark. All are in the basic plane.
    static func isDangerous(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
