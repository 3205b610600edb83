// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Keys of an object in canonical order: by their UTF-8 bytes after unescaping.
///
/// Never by `String`, which holds equivalent Unicode texts for equal. Duplicates are found by sorting, so that no choice
/// of keys makes it slow.
enum KeyOrder {
    /// Negative, zero or positive as `a` comes before, equals or comes after `b`.
    @inline(__always)
    static func compare(_ a: JSONEntry, _ b: JSONEntry, in bytes: Span<UInt8>) -> Int {
        if a.flags.union(b.flags).contains(.escaped) { return compareEscaped(a, b, in: bytes) }
        let shorter = Int(min(a.length, b.length))
        var i = 0
        while i < shorter {
            let left = bytes[Int(a.offset) &+ i]
            let right = bytes[Int(b.offset) &+ i]
            if left != right { return Int(left) &- Int(right) }
            i &+= 1
        }
        return Int(a.length) &- Int(b.length)
    }

    @inline(never)
    private static func compareEscaped(_ a: JSONEntry, _ b: JSONEntry, in bytes: Span<UInt8>) -> Int {
        var left = EscapedBytes(a)
        var right = EscapedBytes(b)
        while true {
            switch (left.next(bytes), right.next(bytes)) {
            case (nil, nil): return 0
            case (nil, _): return -1
            case (_, nil): return 1
            case (let x?, let y?): if x != y { return Int(x) - Int(y) }
            }
        }
    }

    /// The key entry that repeats an earlier key of the same object, if there is one.
    ///
    /// - Parameter object: its entry, whose members are all entries behind it.
    @inline(never)
    static func duplicate(among entries: [JSONEntry], of object: Int, in bytes: Span<UInt8>) -> Int? {
        var keys = 0
        var hasEscapes = false
        var at = object + 1
        while at < entries.count {
            keys += 1
            if entries[at].flags.contains(.escaped) { hasEscapes = true }
            at = Int(entries[at + 1].next)
        }
        if keys <= 12, !hasEscapes { return duplicateOfFew(entries, object, bytes) }
        let ordered = sorted(entries, object, entries.count, bytes)
        for (a, b) in zip(ordered, ordered.dropFirst())
        where compare(entries[Int(a)], entries[Int(b)], in: bytes) == 0 {
            return Int(max(a, b))
        }
        return nil
    }

    private static func duplicateOfFew(_ entries: [JSONEntry], _ object: Int, _ bytes: Span<UInt8>) -> Int? {
        var at = Int(entries[object + 2].next)
        while at < entries.count {
            var earlier = object + 1
            while earlier < at {
                if entries[earlier].length == entries[at].length,
                    compare(entries[earlier], entries[at], in: bytes) == 0
                {
                    return at
                }
                earlier = Int(entries[earlier + 1].next)
            }
            at = Int(entries[at + 1].next)
        }
        return nil
    }

    private struct Key {
        /// The first eight bytes, first byte highest: decides most comparisons.
        let prefix: UInt64
        let start: Int
        let length: Int
        let entry: Int32
    }

    /// The key entries of an object in canonical order.
    ///
    /// - Parameter end: the entry after the object's last.
    @inline(never)
    static func sorted(_ entries: [JSONEntry], _ object: Int, _ end: Int, _ bytes: Span<UInt8>) -> [Int32] {
        var keys: [Key] = []
        var texts: [UInt8] = []
        var at = object + 1
        while at < end {
            let start = texts.count
            var walk = EscapedBytes(entries[at])
            var prefix: UInt64 = 0
            while let byte = walk.next(bytes) {
                if texts.count - start < 8 { prefix |= UInt64(byte) << (56 - 8 * UInt64(texts.count - start)) }
                texts.append(byte)
            }
            keys.append(
                Key(prefix: prefix, start: start, length: texts.count - start, entry: Int32(truncatingIfNeeded: at)))
            at = Int(entries[at + 1].next)
        }
        unsafe texts.withUnsafeBufferPointer { all in
            keys.sort { a, b in
                if a.prefix != b.prefix { return a.prefix < b.prefix }
                let shorter = min(a.length, b.length)
                if shorter > 8, let base = all.baseAddress {
                    let order = unsafe memcmp(base + a.start, base + b.start, shorter)
                    if order != 0 { return order < 0 }
                }
                return a.length < b.length
            }
        }
        return keys.map(\.entry)
    }
}
