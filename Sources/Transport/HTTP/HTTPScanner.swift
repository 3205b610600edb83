// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The byte loops of the HTTP/1.1 reader, and the only unsafe code in it.
///
/// Every function stays inside the span it is given: offsets are checked against its count before memory is touched.
enum HTTPScanner {
    /// The offset of the first LF at or after `start`.
    static func lineFeed(in bytes: Span<UInt8>, from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        return unsafe bytes.withUnsafeBufferPointer { buffer -> Int? in
            guard let base = unsafe UnsafeRawPointer(buffer.baseAddress),
                let found = unsafe memchr(base + start, 0x0A, buffer.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    /// The offset of the first byte of `range` that no field value may hold: a control character other than tab.
    ///
    /// RFC 9110 section 5.5. Eight bytes at a time; a word with a suspect byte is read again byte by byte.
    static func firstControl(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return range.lowerBound }
        var offset = range.lowerBound
        while offset &+ 8 <= range.upperBound {
            let word = unsafe bytes.withUnsafeBufferPointer {
                unsafe UnsafeRawBufferPointer($0).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            }
            let below = (word &- 0x2020_2020_2020_2020) & ~word
            let delete = word ^ 0x7F7F_7F7F_7F7F_7F7F
            let equal = (delete &- 0x0101_0101_0101_0101) & ~delete
            if (below | equal) & 0x8080_8080_8080_8080 != 0 {
                for suspect in offset..<(offset &+ 8) where isControl(bytes[suspect]) { return suspect }
            }
            offset &+= 8
        }
        while offset < range.upperBound {
            if isControl(bytes[offset]) { return offset }
            offset &+= 1
        }
        return nil
    }

    /// Whether `range` spells `text`, which is lower case, in any case. Only for ranges of token characters.
    static func spells(_ text: StaticString, in bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount, range.upperBound <= bytes.count else { return false }
        let expected = unsafe text.utf8Start
        for index in 0..<range.count where unsafe lowercase(bytes[range.lowerBound + index]) != expected[index] {
            return false
        }
        return true
    }

    /// Whether `range` is `text`, byte for byte.
    static func equals(_ text: StaticString, in bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount, range.upperBound <= bytes.count else { return false }
        let expected = unsafe text.utf8Start
        for index in 0..<range.count where unsafe bytes[range.lowerBound + index] != expected[index] { return false }
        return true
    }

    @inline(__always)
    static func lowercase(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    @inline(__always)
    static func isControl(_ byte: UInt8) -> Bool {
        (byte < 0x20 && byte != 0x09) || byte == 0x7F
    }

    /// RFC 9110 section 5.6.2: the characters of a token, as two bit sets.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        if byte < 64 { return (0x03FF_6CFA_0000_0000 as UInt64) >> UInt64(byte) & 1 == 1 }
        if byte < 128 { return (0x57FF_FFFF_C7FF_FFFE as UInt64) >> UInt64(byte & 63) & 1 == 1 }
        return false
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
