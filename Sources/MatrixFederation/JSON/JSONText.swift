// SPDX-License-Identifier: Apache-2.0

/// Writing strings as canonical JSON has them.
package enum JSONText {
    /// Appends a string with its quotes.
    ///
    /// - Parameter text: UTF-8.
    package static func appendString(_ text: Span<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for i in text.indices { appendEscaped(text[i], to: &output) }
        output.append(UInt8(ascii: "\""))
    }

    /// Appends a string with its quotes.
    package static func appendString(_ text: String, to output: inout [UInt8]) {
        appendString(text.utf8.span, to: &output)
    }

    /// Appends one byte of a string's UTF-8 form, escaped if it has to be.
    @inline(__always)
    static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            output.append(byte)
        } else {
            appendEscape(byte, to: &output)
        }
    }

    @inline(never)
    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        let hex: StaticString = "0123456789abcdef"
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case 0x22, 0x5C: output.append(byte)
        default:
            output += [UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")]
            unsafe output.append(hex.utf8Start[Int(byte >> 4)])
            unsafe output.append(hex.utf8Start[Int(byte & 15)])
        }
    }
}
