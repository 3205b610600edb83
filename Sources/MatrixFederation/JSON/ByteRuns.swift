// SPDX-License-Identifier: Apache-2.0

/// Comparing runs of bytes eight at a time.
enum ByteRuns {
    /// Whether `count` bytes from `i` in `a` are those from `j` in `b`; false if either run does not lie within its span.
    static func equal(_ a: Span<UInt8>, _ i: Int, _ b: Span<UInt8>, _ j: Int, count: Int) -> Bool {
        guard count >= 0, i >= 0, j >= 0, i <= a.count - count, j <= b.count - count else { return false }
        let left = unsafe a.bytes
        let right = unsafe b.bytes
        var offset = 0
        while offset &+ 8 <= count {
            // Loads are bounds-checked, and every bit pattern is an integer.
            let x = unsafe left.unsafeLoadUnaligned(fromByteOffset: i &+ offset, as: UInt64.self)
            let y = unsafe right.unsafeLoadUnaligned(fromByteOffset: j &+ offset, as: UInt64.self)
            if x != y { return false }
            offset &+= 8
        }
        while offset < count {
            if a[i &+ offset] != b[j &+ offset] { return false }
            offset &+= 1
        }
        return true
    }
}
