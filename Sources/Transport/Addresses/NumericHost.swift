// SPDX-License-Identifier: Apache-2.0

/// Host names that a system resolver may read as an address though they are none by the grammar.
package enum NumericHost {
    /// Whether the last label is a number, decimal or hexadecimal: `127.1`, `2130706433`, `0x7f.0.0.1`, `010.0.0.1`,
    /// `256.1.1.1`. No top-level domain is numeric (RFC 3696 section 2; the "ends in a number" check of the URL
    /// standard), so nothing is lost by refusing them. Well-formed addresses look so too: ask `IPAddress` first.
    package static func isLookalike(_ host: String) -> Bool {
        let labels = Array(host.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let last = labels.last(where: { !$0.isEmpty }) else { return true }
        if last.allSatisfy(isDigit) { return true }
        guard last.count >= 2, last.first == UInt8(ascii: "0") else { return false }
        let second = last[last.startIndex + 1] | 0x20
        return second == UInt8(ascii: "x") && last.dropFirst(2).allSatisfy(isHexDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
