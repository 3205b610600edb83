// SPDX-License-Identifier: Apache-2.0

/// IPv6 addresses as text: RFC 4291 section 2.2, without zones.
enum IPv6Grammar {
    /// Checks that `bytes` begin with an address in brackets and gives the offset of the closing one.
    static func closingBracket(_ bytes: Span<UInt8>) throws(ServerName.Malformed) -> Int {
        var end = 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "]") {
            guard isAddressByte(bytes[end]) else { throw .byte(bytes[end], offset: end) }
            end += 1
        }
        guard end < bytes.count, isAddress(bytes.extracting(1..<end)) else { throw .address(offset: 0) }
        return end
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") <= 9 || byte | 0x20 &- UInt8(ascii: "a") <= 5 || byte == UInt8(ascii: ":")
            || byte == UInt8(ascii: ".")
    }

    /// Eight groups of one to four hexadecimal digits; once, `::` for one or more of them; the last two also as IPv4.
    static func isAddress(_ text: Span<UInt8>) -> Bool {
        var groups = 0
        var hasGap = false
        var at = 0
        if text.count >= 2, text[0] == UInt8(ascii: ":"), text[1] == UInt8(ascii: ":") {
            hasGap = true
            at = 2
            if at == text.count { return true }
        }
        while true {
            let start = at
            while at < text.count, text[at] != UInt8(ascii: ":"), text[at] != UInt8(ascii: ".") { at += 1 }
            if at < text.count, text[at] == UInt8(ascii: ".") {
                guard isIPv4(text.extracting(start..<text.count)) else { return false }
                groups += 2
                break
            }
            guard at > start, at - start <= 4 else { return false }
            groups += 1
            if at == text.count { break }
            at += 1
            if at < text.count, text[at] == UInt8(ascii: ":") {
                guard !hasGap else { return false }
                hasGap = true
                at += 1
                if at == text.count { break }
            } else if at == text.count {
                return false
            }
        }
        return hasGap ? groups <= 7 : groups == 8
    }

    /// Four decimal numbers of 0 to 255 without leading zeros.
    private static func isIPv4(_ text: Span<UInt8>) -> Bool {
        var numbers = 0
        var at = 0
        while true {
            let start = at
            var value = 0
            while at < text.count, text[at] &- UInt8(ascii: "0") <= 9, at - start < 3 {
                value = value * 10 + Int(text[at] &- UInt8(ascii: "0"))
                at += 1
            }
            guard at > start, value <= 255, at - start == 1 || text[start] != UInt8(ascii: "0") else { return false }
            numbers += 1
            if at == text.count { return numbers == 4 }
            guard text[at] == UInt8(ascii: "."), numbers < 4 else { return false }
            at += 1
        }
    }
}
