// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Appends JSON to a buffer that is used again and again.
///
/// Writes no space and only integers; the caller names keys in sorted order. Text is escaped so that it can do
/// nothing to a terminal, a log viewer or a reader by line: control characters, bidirectional controls, the
/// separators U+2028 and U+2029 and the byte order mark become `\uXXXX`.
struct JSONWriter: Sendable {
    /// The most that one text may take, in bytes after escaping and without its quotes.
    static let fieldLimit = 1024

    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    var count: Int { bytes.count }

    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    mutating func beginObject() {
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    mutating func beginArray() {
        bytes.append(UInt8(ascii: "["))
        needsComma = false
    }

    mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// A comma when one is due; before each element of an array.
    mutating func element() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }

    /// After an element that is no object or array.
    mutating func elementEnds() { needsComma = true }

    /// - Parameter quoted: the key with its quotes and colon.
    mutating func key(_ quoted: StaticString) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
        raw(quoted)
    }

    /// - Parameter opening: a key with its quotes and colon, and the bracket that follows.
    mutating func open(_ opening: StaticString) {
        key(opening)
        needsComma = false
    }

    /// Bytes that are JSON already.
    mutating func raw(_ text: StaticString) {
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func raw(_ json: [UInt8]) { bytes.append(contentsOf: json) }

    mutating func raw(_ json: UnsafeBufferPointer<UInt8>) { unsafe bytes.append(contentsOf: json) }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Takes back what was written after the first `count` bytes.
    mutating func cut(to count: Int) { bytes.removeSubrange(count...) }

    mutating func integer(_ value: Int) { integer(Int64(value)) }

    mutating func integer(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        unsigned(value.magnitude)
    }

    mutating func unsigned(_ value: UInt64) {
        if value < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
            return
        }
        let start = bytes.count
        var rest = value
        while rest > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        bytes[start...].reverse()
    }

    mutating func hexadecimal(_ reference: Reference) {
        hexadecimal(reference.high)
        hexadecimal(reference.low)
    }

    mutating func hexadecimal(_ digest: Digest) { digest.appendHex(to: &bytes) }

    private mutating func hexadecimal(_ word: UInt64) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 4
            bytes.append(Self.digit(UInt8(truncatingIfNeeded: word >> shift) & 15))
        }
    }

    static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}
