// SPDX-License-Identifier: Apache-2.0

/// Decodes the labels of internationalised names, to see what they look like. RFC 3492, with the parameters of section 5.
enum Punycode {
    static let prefix: [UInt8] = Array("xn--".utf8)

    /// - Parameter label: what follows `xn--`, lower case, at most 255 bytes.
    /// - Returns: the code points; `nil` if it is not Punycode.
    static func decode(_ label: ArraySlice<UInt8>) -> [UInt32]? {
        guard label.count <= 255 else { return nil }
        var output: [UInt32] = []
        var rest = label
        if let dash = label.lastIndex(of: UInt8(ascii: "-")) {
            output = label[..<dash].map { UInt32($0) }
            rest = label[(dash + 1)...]
        }
        var code: UInt32 = 128
        var index: UInt32 = 0
        var bias: UInt32 = 72
        while !rest.isEmpty {
            let before = index
            guard let delta = integer(&rest, bias: bias) else { return nil }
            let (sum, overflow) = index.addingReportingOverflow(delta)
            if overflow { return nil }
            let count = UInt32(output.count) + 1
            bias = adapt(sum - before, count: count, isFirst: before == 0)
            let (next, codeOverflow) = code.addingReportingOverflow(sum / count)
            if codeOverflow || next > 0x10FFFF { return nil }
            code = next
            index = sum % count
            output.insert(code, at: Int(index))
            index += 1
        }
        return output
    }

    /// A generalised variable-length integer, section 3.3.
    private static func integer(_ rest: inout ArraySlice<UInt8>, bias: UInt32) -> UInt32? {
        var value: UInt32 = 0
        var weight: UInt32 = 1
        var k: UInt32 = 36
        while let byte = rest.popFirst() {
            guard let digit = digit(byte) else { return nil }
            let (product, overflow) = digit.multipliedReportingOverflow(by: weight)
            let (sum, sumOverflow) = value.addingReportingOverflow(product)
            if overflow || sumOverflow { return nil }
            value = sum
            let threshold: UInt32 = k <= bias ? 1 : min(26, k - bias)
            if digit < threshold { return value }
            let (next, weightOverflow) = weight.multipliedReportingOverflow(by: 36 - threshold)
            if weightOverflow { return nil }
            weight = next
            k += 36
        }
        return nil
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x61...0x7A: UInt32(byte - 0x61)
        case 0x30...0x39: UInt32(byte - 0x30) + 26
        default: nil
        }
    }

    /// Section 6.1.
    private static func adapt(_ delta: UInt32, count: UInt32, isFirst: Bool) -> UInt32 {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var k: UInt32 = 0
        while delta > 455 {
            delta /= 35
            k += 36
        }
        return k + 36 * delta / (delta + 38)
    }
}
