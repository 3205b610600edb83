// SPDX-License-Identifier: Apache-2.0

/// Reads the parts of a server name without copying it.
enum ServerNameGrammar {
    struct Shape {
        let hostLength: Int
        let port: UInt16?
        let kind: ServerName.Kind
    }

    static func shape(of bytes: Span<UInt8>) throws(ServerName.Malformed) -> Shape {
        guard bytes.count > 0, bytes.count <= ServerName.maxBytes else { throw .length(bytes.count) }
        if bytes[0] == UInt8(ascii: "[") {
            let end = try IPv6Grammar.closingBracket(bytes)
            return Shape(hostLength: end + 1, port: try port(bytes, end + 1), kind: .ipv6)
        }
        let (end, kind) = try host(bytes)
        return Shape(hostLength: end, port: try port(bytes, end), kind: kind)
    }

    private static func host(_ bytes: Span<UInt8>) throws(ServerName.Malformed) -> (end: Int, kind: ServerName.Kind) {
        var labelStart = 0
        var labels = 0
        // Labels of at most three digits, and whether one of them is above 255.
        var shortNumbers = 0
        var hasBigNumber = false
        var at = 0
        while true {
            var isNumber = true
            var number = 0
            while at < bytes.count, isLabelByte(bytes[at]) {
                if bytes[at] &- UInt8(ascii: "0") <= 9 {
                    number = min(number * 10 + Int(bytes[at] &- UInt8(ascii: "0")), 1000)
                } else {
                    isNumber = false
                }
                at += 1
            }
            if at < bytes.count, bytes[at] != UInt8(ascii: "."), bytes[at] != UInt8(ascii: ":") {
                throw .byte(bytes[at], offset: at)
            }
            let length = at - labelStart
            guard length > 0, length <= 63, bytes[labelStart] != UInt8(ascii: "-"), bytes[at - 1] != UInt8(ascii: "-")
            else { throw .label(offset: labelStart) }
            labels += 1
            if isNumber, length <= 3 {
                shortNumbers += 1
                if number > 255 { hasBigNumber = true }
            }
            guard at < bytes.count, bytes[at] == UInt8(ascii: ".") else { break }
            at += 1
            labelStart = at
        }
        guard labels == 4, shortNumbers == 4 else { return (at, .dns) }
        guard !hasBigNumber else { throw .address(offset: 0) }
        return (at, .ipv4)
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        byte | 0x20 &- UInt8(ascii: "a") <= 25 || byte &- UInt8(ascii: "0") <= 9 || byte == UInt8(ascii: "-")
    }

    /// A colon and one to five digits up to the end, or nothing.
    private static func port(_ bytes: Span<UInt8>, _ start: Int) throws(ServerName.Malformed) -> UInt16? {
        guard start < bytes.count else { return nil }
        guard bytes[start] == UInt8(ascii: ":") else { throw .byte(bytes[start], offset: start) }
        guard start + 1 < bytes.count else { throw .port(offset: start) }
        var port: UInt32 = 0
        for offset in start + 1..<bytes.count {
            guard bytes[offset] &- UInt8(ascii: "0") <= 9 else { throw .byte(bytes[offset], offset: offset) }
            guard offset <= start + 5 else { throw .port(offset: start) }
            port = port * 10 + UInt32(bytes[offset] &- UInt8(ascii: "0"))
        }
        guard let port = UInt16(exactly: port) else { throw .port(offset: start) }
        return port
    }
}
