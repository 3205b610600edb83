// SPDX-License-Identifier: Apache-2.0

/// Strings and numbers.
extension JSONReader {
    /// Finds the quote that ends a string and checks everything before it.
    ///
    /// - Parameter start: the byte after the opening quote.
    @inline(__always)
    static func scanString(_ bytes: Span<UInt8>, _ start: Int) throws(Stop) -> (end: Int, flags: JSONEntry.Flags) {
        var at = start
        var flags: JSONEntry.Flags = .canonical
        while true {
            at = endOfPlainRun(bytes, at)
            guard at < bytes.count else { throw Stop(kind: .unexpectedEnd, offset: at) }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") { return (at, flags) }
            if byte == UInt8(ascii: "\\") {
                flags.insert(.escaped)
                if try !scanEscape(bytes, &at) { flags.remove(.canonical) }
            } else if byte >= 0x80 {
                at = try scanNonASCII(bytes, at)
            } else {
                throw Stop(kind: .controlCharacter, offset: at)
            }
        }
    }

    /// The first byte from `at` on that is a quote, a backslash, a control character or not ASCII.
    @inline(__always)
    static func endOfPlainRun(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var at = start
        while at &+ 8 <= bytes.count {
            // Eight bytes at once (Bit Twiddling Hacks, "hasless"): false hits lie above a true one only.
            let word = unsafe UInt64(
                littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let hits =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) | word) & highs
            if hits != 0 { return at &+ hits.trailingZeroBitCount >> 3 }
            at &+= 8
        }
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 || byte >= 0x80 { return at }
            at &+= 1
        }
        return at
    }

    /// Passes over a run of bytes above ASCII; refuses overlong forms, surrogates and values above U+10FFFF.
    @inline(never)
    private static func scanNonASCII(_ bytes: Span<UInt8>, _ start: Int) throws(Stop) -> Int {
        var at = start
        while at < bytes.count, bytes[at] >= 0x80 {
            let length: Int
            var low: UInt8 = 0x80
            var high: UInt8 = 0xBF
            switch bytes[at] {
            case 0xC2...0xDF: length = 2
            case 0xE0: (length, low) = (3, 0xA0)
            case 0xED: (length, high) = (3, 0x9F)
            case 0xE1...0xEF: length = 3
            case 0xF0: (length, low) = (4, 0x90)
            case 0xF1...0xF3: length = 4
            case 0xF4: (length, high) = (4, 0x8F)
            default: throw Stop(kind: .notUTF8, offset: at)
            }
            guard at + length <= bytes.count else { throw Stop(kind: .notUTF8, offset: at) }
            guard bytes[at + 1] >= low, bytes[at + 1] <= high else { throw Stop(kind: .notUTF8, offset: at) }
            if length > 2, bytes[at + 2] & 0xC0 != 0x80 { throw Stop(kind: .notUTF8, offset: at) }
            if length > 3, bytes[at + 3] & 0xC0 != 0x80 { throw Stop(kind: .notUTF8, offset: at) }
            at += length
        }
        return at
    }

    /// Passes over one escape (a surrogate pair is one) and says whether the canonical form writes it like this.
    @inline(never)
    private static func scanEscape(_ bytes: Span<UInt8>, _ at: inout Int) throws(Stop) -> Bool {
        let start = at
        guard at + 1 < bytes.count else { throw Stop(kind: .unexpectedEnd, offset: bytes.count) }
        switch bytes[at + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 2
            return true
        case UInt8(ascii: "/"):
            at += 2
            return false
        case UInt8(ascii: "u"):
            break
        default:
            throw Stop(kind: .invalidEscape, offset: start)
        }
        guard let unit = EscapedBytes.codeUnit(bytes, at + 2) else { throw Stop(kind: .invalidEscape, offset: start) }
        at += 6
        if unit & 0xFC00 == 0xD800 {
            guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u"),
                let second = EscapedBytes.codeUnit(bytes, at + 2), second & 0xFC00 == 0xDC00
            else { throw Stop(kind: .loneSurrogate, offset: start) }
            at += 6
            return false
        }
        guard unit & 0xFC00 != 0xDC00 else { throw Stop(kind: .loneSurrogate, offset: start) }
        switch unit {
        case 0x08, 0x09, 0x0A, 0x0C, 0x0D: return false
        case 0...0x1F: return !(UInt8(ascii: "A")...UInt8(ascii: "F")).contains(bytes[start + 5])
        default: return false
        }
    }

    @inline(__always)
    static func scanNumber(
        _ bytes: Span<UInt8>, _ start: Int
    ) throws(Stop) -> (kind: JSONDocument.Kind, end: Int, flags: JSONEntry.Flags) {
        var at = start
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        let digits = at
        var value: UInt64 = 0
        while at < bytes.count, bytes[at] &- UInt8(ascii: "0") <= 9 {
            value = value &* 10 &+ UInt64(bytes[at] &- UInt8(ascii: "0"))
            at &+= 1
        }
        guard at > digits else {
            guard at < bytes.count else { throw Stop(kind: .unexpectedEnd, offset: at) }
            throw unexpected(bytes, at)
        }
        if bytes[digits] == UInt8(ascii: "0"), at > digits + 1 { throw unexpected(bytes, digits + 1) }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") || bytes[at] | 0x20 == UInt8(ascii: "e") {
            return try scanDecimal(bytes, start, at)
        }
        guard at - start <= JSONDocument.maxNumberBytes else { throw Stop(kind: .numberTooLong, offset: start) }
        // Sixteen digits cannot overflow the sum above.
        if at - digits > 16 || value > 9_007_199_254_740_991 { return (.integer, at, [.canonical, .foreignNumber]) }
        // Minus zero is the integer 0, written otherwise.
        return (.integer, at, value == 0 && digits > start ? [] : .canonical)
    }

    /// A number with a fraction or an exponent; `mark` is the first byte after its whole digits.
    @inline(never)
    private static func scanDecimal(
        _ bytes: Span<UInt8>, _ start: Int, _ mark: Int
    ) throws(Stop) -> (kind: JSONDocument.Kind, end: Int, flags: JSONEntry.Flags) {
        var at = mark
        if bytes[at] == UInt8(ascii: ".") {
            at += 1
            try scanDigits(bytes, &at)
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            try scanDigits(bytes, &at)
        }
        guard at - start <= JSONDocument.maxNumberBytes else { throw Stop(kind: .numberTooLong, offset: start) }
        var written: [UInt8] = []
        for offset in start..<at { written.append(bytes[offset]) }
        guard let canonical = DecimalText.canonical(written) else { throw Stop(kind: .numberOverflow, offset: start) }
        return (.decimal, at, canonical == written ? [.canonical, .foreignNumber] : .foreignNumber)
    }

    private static func scanDigits(_ bytes: Span<UInt8>, _ at: inout Int) throws(Stop) {
        let start = at
        while at < bytes.count, bytes[at] &- UInt8(ascii: "0") <= 9 { at += 1 }
        guard at > start else {
            guard at < bytes.count else { throw Stop(kind: .unexpectedEnd, offset: at) }
            throw unexpected(bytes, at)
        }
    }
}
