// SPDX-License-Identifier: Apache-2.0

/// Where the known parameters of an X-Matrix field stand.
struct XMatrixParameters {
    /// Most parameters in one field; the specification has four.
    static let maxCount = 16

    struct Value {
        /// Without the quotes.
        let range: Range<Int>
        let hasEscapes: Bool

        /// The value with `\x` replaced by `x`.
        func unescaped(_ field: Span<UInt8>) -> [UInt8] {
            var bytes: [UInt8] = []
            var at = range.lowerBound
            while at < range.upperBound {
                if field[at] == UInt8(ascii: "\\"), at + 1 < range.upperBound { at += 1 }
                bytes.append(field[at])
                at += 1
            }
            return bytes
        }
    }

    private var origin: Value?
    private var destination: Value?
    private var key: Value?
    private var signature: Value?
    private var unknown: [Range<Int>] = []
    private var hasLongSignatureName = false

    subscript(parameter: XMatrixHeader.Parameter) -> Value? {
        switch parameter {
        case .origin: origin
        case .destination: destination
        case .key: key
        case .signature: signature
        }
    }

    init(parsing field: Span<UInt8>) throws(XMatrixHeader.Malformed) {
        var at = try Self.scanScheme(field)
        try Self.checkText(field)
        var count = 0
        while true {
            count += 1
            guard count <= Self.maxCount else { throw .tooManyParameters }
            try scanParameter(field, &at)
            if at == field.count { return }
            Self.skipSpace(field, &at)
            // White space at the end is not for here; the reference would count it to the last value.
            guard at < field.count else { throw .syntax(offset: at) }
            guard field[at] == UInt8(ascii: ",") else { throw .syntax(offset: at) }
            at += 1
            Self.skipSpace(field, &at)
        }
    }

    /// Refuses bytes beyond ASCII and control characters other than tabs.
    private static func checkText(_ field: Span<UInt8>) throws(XMatrixHeader.Malformed) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var at = 0
        while at &+ 8 <= field.count {
            // Eight bytes at once: none is below the space, above ASCII, or DEL.
            let word = unsafe field.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
            let delete = word ^ (ones &* 0x7F)
            guard ((word &- ones &* 0x20) | word | (delete &- ones)) & (ones &* 0x80) == 0 else { break }
            at &+= 8
        }
        for offset in at..<field.count {
            if field[offset] >= 0x80 { throw .notASCII(offset: offset) }
            if field[offset] < 0x20 && field[offset] != 0x09 || field[offset] == 0x7F {
                throw .controlCharacter(offset: offset)
            }
        }
    }

    /// Passes over the scheme and the spaces behind it.
    private static func scanScheme(_ field: Span<UInt8>) throws(XMatrixHeader.Malformed) -> Int {
        let scheme: StaticString = "X-Matrix"
        var at = scheme.utf8CodeUnitCount
        // The case counts: the reference does not see the credentials of another spelling.
        guard field.count >= at else { throw .otherScheme }
        for offset in 0..<at where unsafe field[offset] != scheme.utf8Start[offset] { throw .otherScheme }
        guard at < field.count, field[at] == UInt8(ascii: " ") else { throw .scheme }
        while at < field.count, field[at] == UInt8(ascii: " ") { at += 1 }
        return at
    }

    private mutating func scanParameter(_ field: Span<UInt8>, _ at: inout Int) throws(XMatrixHeader.Malformed) {
        let start = at
        while at < field.count, Self.isTokenByte(field[at]) { at += 1 }
        let name = start..<at
        guard !name.isEmpty, at < field.count, field[at] == UInt8(ascii: "=") else { throw .syntax(offset: at) }
        at += 1
        let value = try Self.scanValue(field, &at)
        if Self.isName(field, name, "origin") {
            guard origin == nil else { throw .repeatedParameter(offset: start) }
            origin = value
        } else if Self.isName(field, name, "destination") {
            guard destination == nil else { throw .repeatedParameter(offset: start) }
            destination = value
        } else if Self.isName(field, name, "key") {
            guard key == nil else { throw .repeatedParameter(offset: start) }
            key = value
        } else if Self.isName(field, name, "sig") {
            guard signature == nil, !hasLongSignatureName else { throw .repeatedParameter(offset: start) }
            signature = value
        } else {
            try noteUnknown(field, name)
        }
    }

    @inline(never)
    private mutating func noteUnknown(_ field: Span<UInt8>, _ name: Range<Int>) throws(XMatrixHeader.Malformed) {
        for earlier in unknown where Self.areSameName(field, earlier, name) {
            throw .repeatedParameter(offset: name.lowerBound)
        }
        if Self.isName(field, name, "signature") {
            hasLongSignatureName = true
            guard signature == nil else { throw .repeatedParameter(offset: name.lowerBound) }
        }
        unknown.append(name)
    }

    private static func scanValue(_ field: Span<UInt8>, _ at: inout Int) throws(XMatrixHeader.Malformed) -> Value {
        guard at < field.count else { throw .syntax(offset: at) }
        guard field[at] == UInt8(ascii: "\"") else {
            let start = at
            while at < field.count, isTokenByte(field[at]) || field[at] == UInt8(ascii: ":") { at += 1 }
            guard at > start else { throw .syntax(offset: at) }
            return Value(range: start..<at, hasEscapes: false)
        }
        at += 1
        let start = at
        var hasEscapes = false
        while at < field.count {
            switch field[at] {
            case UInt8(ascii: "\""):
                at += 1
                return Value(range: start..<at - 1, hasEscapes: hasEscapes)
            case UInt8(ascii: ","):
                throw .quotedComma(offset: at)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                guard at + 1 < field.count else { throw .syntax(offset: at) }
                guard field[at + 1] != UInt8(ascii: ",") else { throw .quotedComma(offset: at + 1) }
                at += 2
            default:
                at += 1
            }
        }
        throw .syntax(offset: at)
    }

    private static func skipSpace(_ field: Span<UInt8>, _ at: inout Int) {
        while at < field.count, field[at] == 0x20 || field[at] == 0x09 { at += 1 }
    }

    /// RFC 9110 section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "^"), UInt8(ascii: "`"),
            UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// - Parameter text: in lower case.
    private static func isName(_ field: Span<UInt8>, _ name: Range<Int>, _ text: StaticString) -> Bool {
        guard name.count == text.utf8CodeUnitCount else { return false }
        for offset in name where unsafe lower(field[offset]) != text.utf8Start[offset - name.lowerBound] {
            return false
        }
        return true
    }

    private static func areSameName(_ field: Span<UInt8>, _ a: Range<Int>, _ b: Range<Int>) -> Bool {
        guard a.count == b.count else { return false }
        for offset in a.indices
        where lower(field[offset]) != lower(field[b.lowerBound + offset - a.lowerBound]) { return false }
        return true
    }
}
