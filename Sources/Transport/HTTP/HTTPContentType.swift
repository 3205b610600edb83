// SPDX-License-Identifier: Apache-2.0

/// Judges Content-Type values.
package enum HTTPContentType {
    /// Whether a value is `application/json`, bare or with `charset=utf-8`. Anything else is not JSON to us (AC-40).
    package static func isJSON(_ value: Span<UInt8>) -> Bool {
        var end = 0
        while end < value.count, value[end] != 0x3B, !HTTPScanner.isBlank(value[end]) { end += 1 }
        guard HTTPScanner.spells("application/json", in: value, 0..<end) else { return false }
        while end < value.count, HTTPScanner.isBlank(value[end]) { end += 1 }
        guard end < value.count else { return true }
        guard value[end] == 0x3B else { return false }
        end += 1
        while end < value.count, HTTPScanner.isBlank(value[end]) { end += 1 }
        let parameter = end..<value.count
        return HTTPScanner.spells("charset=utf-8", in: value, parameter)
            || HTTPScanner.spells("charset=\"utf-8\"", in: value, parameter)
    }
}
