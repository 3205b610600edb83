// SPDX-License-Identifier: Apache-2.0

/// Checks the characters of a file before libyaml sees them: strict UTF-8, nothing a reader cannot see, LF or CR LF.
///
/// So that lines and columns are the same for libyaml, an editor and us, and no comment can hide a line.
struct YAMLText {
    private var line = 1
    private var column = 1

    /// - Parameter bytes: at most `YAMLDocument.maxBytes`.
    static func check(_ bytes: [UInt8]) throws(YAMLFault) {
        var text = YAMLText()
        try text.run(bytes)
    }

    private var place: YAMLPlace { YAMLPlace(line: line, column: column) }

    private mutating func run(_ bytes: [UInt8]) throws(YAMLFault) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw YAMLFault(.byteOrderMark, at: place) }
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte >= 0x20, byte < 0x7F {
                index += 1
                column += 1
            } else if byte == 0x0A {
                index += 1
                line += 1
                column = 1
            } else if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A {
                index += 1
            } else {
                index += try special(bytes, at: index)
                column += 1
            }
        }
    }

    /// The length in bytes of the character at `index`, which is neither printable ASCII nor a line break.
    private func special(_ bytes: [UInt8], at index: Int) throws(YAMLFault) -> Int {
        let byte = bytes[index]
        if byte == 0x09 { throw YAMLFault(.tab, at: place) }
        if byte == 0x0D { throw YAMLFault(.lineBreak, at: place) }
        if byte < 0x80 { throw YAMLFault(.character(UInt32(byte)), at: place) }
        var decoder = UTF8()
        var rest = bytes[index..<min(index + 4, bytes.count)].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&rest) else {
            throw YAMLFault(.notUTF8, at: place)
        }
        if scalar.value == 0x85 || scalar.value == 0x2028 || scalar.value == 0x2029 {
            throw YAMLFault(.lineBreak, at: place)
        }
        if scalar.isHidden { throw YAMLFault(.character(scalar.value), at: place) }
        return UTF8.width(scalar)
    }
}
