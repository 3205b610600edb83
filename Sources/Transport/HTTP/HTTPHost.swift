// SPDX-License-Identifier: Apache-2.0

/// The grammar of Host values, as far as HTTP needs it; which names are served is the service's decision.
enum HTTPHost {
    /// Letters, digits and `-._~:[]` only: no user part, path, list or white space (RFC 9112 section 3.2).
    static func isWellFormed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count <= 255 else { return false }
        for offset in range {
            switch bytes[offset] {
            case 0x30...0x3A, 0x41...0x5B, 0x61...0x7A, 0x2D, 0x2E, 0x5D, 0x5F, 0x7E: continue
            default: return false
            }
        }
        return true
    }
}

/// The comma-separated options of a Connection field.
enum HTTPConnectionOptions {
    static func forEach(_ bytes: Span<UInt8>, _ range: Range<Int>, _ body: (Span<UInt8>, Range<Int>) -> Void) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            while offset < range.upperBound, bytes[offset] == 0x2C || HTTPScanner.isBlank(bytes[offset]) { offset += 1 }
            let start = offset
            while offset < range.upperBound, bytes[offset] != 0x2C { offset += 1 }
            var end = offset
            while end > start, HTTPScanner.isBlank(bytes[end - 1]) { end -= 1 }
            if end > start { body(bytes, start..<end) }
        }
    }
}
