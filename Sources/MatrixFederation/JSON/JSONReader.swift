// SPDX-License-Identifier: Apache-2.0

/// Reads a text once from left to right into entries; no recursion, one allocation that grows.
///
/// An open container keeps the reader's own stack in its entry: the container around it in `next`, the last key in
/// `length`, whether it is canonical so far in `flags`.
struct JSONReader {
    let limits: JSONDocument.Limits
    private(set) var entries: [JSONEntry] = []
    private(set) var hasOnlyCanonicalNumbers = true
    /// The innermost container that is open, or -1: where a fault is reported.
    private(set) var open = -1

    init(limits: JSONDocument.Limits) { self.limits = limits }

    struct Stop: Error {
        let kind: JSONFault.Kind
        let offset: Int
    }

    mutating func read(_ bytes: Span<UInt8>) throws(Stop) {
        guard bytes.count <= limits.maxBytes else { throw Stop(kind: .tooManyBytes, offset: limits.maxBytes) }
        entries.reserveCapacity(min(bytes.count / 8 + 8, 1 << 16))
        var at = 0
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw Stop(kind: .byteOrderMark, offset: 0)
        }
        _ = Self.skipSpace(bytes, &at)
        try readValues(bytes, &at)
        _ = Self.skipSpace(bytes, &at)
        guard at == bytes.count else { throw Stop(kind: .trailingBytes, offset: at) }
    }

    /// Reads one value with all values inside it; `at` ends behind it.
    private mutating func readValues(_ bytes: Span<UInt8>, _ at: inout Int) throws(Stop) {
        var depth = 0
        var inObject = false
        // Whether the open container is canonical so far, apart from the order of its keys.
        var isClean = true

        while true {
            guard entries.count < limits.maxValues else { throw Stop(kind: .tooManyValues, offset: at) }
            if inObject { isClean = try readKey(bytes, &at) && isClean }
            guard at < bytes.count else { throw Stop(kind: .unexpectedEnd, offset: at) }
            let first = bytes[at]
            switch first {
            case UInt8(ascii: "\""):
                let (end, flags) = try Self.scanString(bytes, at + 1)
                append(.string, at + 1, end, flags)
                if !flags.contains(.canonical) { isClean = false }
                at = end + 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < limits.maxDepth else { throw Stop(kind: .tooDeep, offset: at) }
                inObject = first == UInt8(ascii: "{")
                if open >= 0, !isClean { entries[open].flags.remove(.canonical) }
                let entry = JSONEntry(
                    offset: UInt32(truncatingIfNeeded: at), length: .max, next: Int32(truncatingIfNeeded: open),
                    kind: inObject ? .object : .array, flags: .canonical)
                open = entries.count
                entries.append(entry)
                depth += 1
                isClean = true
                at += 1
                if Self.skipSpace(bytes, &at) { isClean = false }
                guard at < bytes.count else { throw Stop(kind: .unexpectedEnd, offset: at) }
                if bytes[at] != (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { continue }
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                let number = try Self.scanNumber(bytes, at)
                append(number.kind, at, number.end, number.flags)
                if !number.flags.contains(.canonical) { isClean = false }
                if number.flags.contains(.foreignNumber) { hasOnlyCanonicalNumbers = false }
                at = number.end
            case UInt8(ascii: "t"):
                try readWord(bytes, &at, "true", .true)
            case UInt8(ascii: "f"):
                try readWord(bytes, &at, "false", .false)
            case UInt8(ascii: "n"):
                try readWord(bytes, &at, "null", .null)
            default:
                throw Self.unexpected(bytes, at)
            }

            // A value is complete: go on to the next, or close containers.
            while true {
                guard open >= 0 else { return }
                if Self.skipSpace(bytes, &at) { isClean = false }
                guard at < bytes.count else { throw Stop(kind: .unexpectedEnd, offset: at) }
                let byte = bytes[at]
                if byte == UInt8(ascii: ",") {
                    at += 1
                    if Self.skipSpace(bytes, &at) { isClean = false }
                    break
                }
                guard byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw Self.unexpected(bytes, at)
                }
                at += 1
                isClean = try close(bytes, at, isClean)
                depth -= 1
                inObject = open >= 0 && entries[open].kind == .object
            }
        }
    }

    /// Completes the open container and says whether the one around it is canonical so far.
    private mutating func close(_ bytes: Span<UInt8>, _ end: Int, _ isClean: Bool) throws(Stop) -> Bool {
        let closed = open
        var entry = entries[closed]
        if entry.flags.contains(.unordered) {
            if let key = KeyOrder.duplicate(among: entries, of: closed, in: bytes) {
                throw Stop(kind: .duplicateKey, offset: Int(entries[key].offset) - 1)
            }
            entry.flags.remove(.canonical)
        }
        if !isClean { entry.flags.remove(.canonical) }
        open = Int(entry.next)
        entry.length = UInt32(truncatingIfNeeded: end) - entry.offset
        entry.next = Int32(truncatingIfNeeded: entries.count)
        entries[closed] = entry
        guard open >= 0 else { return true }
        return entry.flags.contains(.canonical) && entries[open].flags.contains(.canonical)
    }

    /// Reads a key and its colon; says whether both are written canonically.
    @inline(__always)
    private mutating func readKey(_ bytes: Span<UInt8>, _ at: inout Int) throws(Stop) -> Bool {
        guard at < bytes.count else { throw Stop(kind: .unexpectedEnd, offset: at) }
        guard bytes[at] == UInt8(ascii: "\"") else { throw Self.unexpected(bytes, at) }
        let (end, flags) = try Self.scanString(bytes, at + 1)
        let key = entries.count
        append(.string, at + 1, end, flags)
        let last = entries[open].length
        if last != .max {
            let order = KeyOrder.compare(entries[Int(last)], entries[key], in: bytes)
            if order == 0 { throw Stop(kind: .duplicateKey, offset: at) }
            if order > 0 { entries[open].flags.insert(.unordered) }
        }
        entries[open].length = UInt32(truncatingIfNeeded: key)
        at = end + 1
        var isClean = flags.contains(.canonical)
        if Self.skipSpace(bytes, &at) { isClean = false }
        guard at < bytes.count else { throw Stop(kind: .unexpectedEnd, offset: at) }
        guard bytes[at] == UInt8(ascii: ":") else { throw Self.unexpected(bytes, at) }
        at += 1
        if Self.skipSpace(bytes, &at) { isClean = false }
        return isClean
    }

    private mutating func readWord(
        _ bytes: Span<UInt8>, _ at: inout Int, _ word: StaticString, _ kind: JSONDocument.Kind
    ) throws(Stop) {
        let end = at + word.utf8CodeUnitCount
        var offset = at
        while offset < end {
            guard offset < bytes.count else { throw Stop(kind: .unexpectedEnd, offset: offset) }
            guard unsafe bytes[offset] == word.utf8Start[offset - at] else { throw Self.unexpected(bytes, offset) }
            offset += 1
        }
        append(kind, at, end, .canonical)
        at = end
    }

    @inline(__always)
    private mutating func append(_ kind: JSONDocument.Kind, _ start: Int, _ end: Int, _ flags: JSONEntry.Flags) {
        entries.append(
            JSONEntry(
                offset: UInt32(truncatingIfNeeded: start), length: UInt32(truncatingIfNeeded: end - start),
                next: Int32(truncatingIfNeeded: entries.count + 1), kind: kind, flags: flags))
    }

    /// Passes over white space and says whether there was any.
    @inline(__always)
    private static func skipSpace(_ bytes: Span<UInt8>, _ at: inout Int) -> Bool {
        guard at < bytes.count, bytes[at] <= 0x20 else { return false }
        return skipSpaceRun(bytes, &at)
    }

    @inline(never)
    private static func skipSpaceRun(_ bytes: Span<UInt8>, _ at: inout Int) -> Bool {
        let start = at
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return at > start
            }
        }
        return at > start
    }

    /// The fault of a byte that cannot stand where it does.
    @inline(never)
    static func unexpected(_ bytes: Span<UInt8>, _ at: Int) -> Stop {
        // A byte above ASCII outside of a string is never JSON; that it is an encoding fault is the better advice.
        Stop(kind: bytes[at] >= 0x80 ? .notUTF8 : .unexpectedByte, offset: at)
    }
}
