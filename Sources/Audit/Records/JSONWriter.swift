// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Appends JSON to a buffer that is used again and again.
///
/// Writes no space and only integers; the caller names keys in sorted order. Text is escaped so that it can do
/// nothing to a terminal, a log viewer or a reader by line: control characters, bidirectional controls, the
/// separators U+2028 and U+2029 and the byte order mark become `\uXXXX`.
///
/// Owns its memory, because thirty checks of a shared array's reference count cost more than the copying.
///
/// `@unchecked Sendable`: the memory has one owner, this value, which cannot be copied.
@safe struct JSONWriter: ~Copyable, @unchecked Sendable {
    /// The most that one text may take, in bytes after escaping and without its quotes.
    static let fieldLimit = 1024

    // INVARIANT: `count` bytes of `capacity` allocated ones are written.
    private var memory: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0
    private var needsComma = false
    private var hex: [UInt8] = []

    init(capacity: Int = 256) {
        unsafe memory = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { unsafe memory.deallocate() }

    var bytes: [UInt8] { unsafe Array(UnsafeBufferPointer(start: memory, count: count)) }

    /// What was written, for as long as `body` runs.
    func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        body(unsafe Span(_unsafeStart: memory, count: count))
    }

    mutating func reset() {
        count = 0
        needsComma = false
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        unsafe fresh.update(from: memory, count: count)
        unsafe memory.deallocate()
        unsafe memory = fresh
        capacity = larger
    }

    mutating func beginObject() {
        append(UInt8(ascii: "{"))
        needsComma = false
    }

    mutating func endObject() {
        append(UInt8(ascii: "}"))
        needsComma = true
    }

    mutating func beginArray() {
        append(UInt8(ascii: "["))
        needsComma = false
    }

    mutating func endArray() {
        append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// A comma when one is due; before each element of an array.
    mutating func element() {
        if needsComma { append(UInt8(ascii: ",")) }
        needsComma = false
    }

    /// After an element that is no object or array.
    mutating func elementEnds() { needsComma = true }

    /// - Parameter quoted: the key with its quotes and colon.
    mutating func key(_ quoted: StaticString) {
        if needsComma { append(UInt8(ascii: ",")) }
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
        unsafe raw(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func raw(_ json: [UInt8]) { unsafe json.withUnsafeBufferPointer { unsafe raw($0) } }

    mutating func raw(_ json: UnsafeBufferPointer<UInt8>) {
        reserve(json.count)
        if let start = json.baseAddress { unsafe (memory + count).update(from: start, count: json.count) }
        count += json.count
    }

    mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe memory[count] = byte
        count += 1
    }

    /// Takes back what was written after the first `count` bytes.
    mutating func cut(to count: Int) { self.count = min(count, self.count) }

    mutating func integer(_ value: Int) { integer(Int64(value)) }

    mutating func integer(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        unsigned(value.magnitude)
    }

    mutating func unsigned(_ value: UInt64) {
        var digits = 1
        var rest = value / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        reserve(digits)
        rest = value
        for index in stride(from: count + digits - 1, through: count, by: -1) {
            unsafe memory[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    mutating func hexadecimal(_ reference: Reference) {
        hexadecimal(reference.high)
        hexadecimal(reference.low)
    }

    mutating func hexadecimal(_ digest: Digest) {
        hex.removeAll(keepingCapacity: true)
        digest.appendHex(to: &hex)
        unsafe hex.withUnsafeBufferPointer { unsafe raw($0) }
    }

    private mutating func hexadecimal(_ word: UInt64) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 4
            append(Self.digit(UInt8(truncatingIfNeeded: word >> shift) & 15))
        }
    }

    static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}
