// SPDX-License-Identifier: Apache-2.0

/// Numbers with a fraction or exponent as the reference homeserver writes them in canonical JSON.
///
/// Canonical JSON has no such numbers. Events of room versions 1 to 5 may hold them all the same, and their signatures
/// cover the reference's spelling: the shortest digits that read back as the same double, an exponent of at least two
/// digits from 1e16 up and below 1e-4.
enum DecimalText {
    /// - Parameter written: a number by the grammar of JSON.
    /// - Returns: `nil` if no finite double is near it.
    static func canonical(_ written: [UInt8]) -> [UInt8]? {
        guard let value = Double(String(decoding: written, as: UTF8.self)), value.isFinite else { return nil }
        let (digits, point) = shortest(value.magnitude)
        var text: [UInt8] = value.sign == .minus ? [UInt8(ascii: "-")] : []
        if value.magnitude != 0, point > 16 || point < -3 {
            text.append(digits[0])
            if digits.count > 1 {
                text.append(UInt8(ascii: "."))
                text += digits[1...]
            }
            let exponent = point - 1
            text.append(UInt8(ascii: "e"))
            text.append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            if exponent.magnitude < 10 { text.append(UInt8(ascii: "0")) }
            text += Array(String(exponent.magnitude).utf8)
        } else if point <= 0 {
            text += Array("0.".utf8) + Array(repeating: UInt8(ascii: "0"), count: -point) + digits
        } else if digits.count <= point {
            text += digits + Array(repeating: UInt8(ascii: "0"), count: point - digits.count) + Array(".0".utf8)
        } else {
            text += digits[..<point] + [UInt8(ascii: ".")] + digits[point...]
        }
        return text
    }

    /// The shortest digits `d` of a value and `p` so that it is 0.d × 10^p; zero is "0" and 1.
    private static func shortest(_ value: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        let text = Array(value.description.utf8)
        for (offset, byte) in text.enumerated() {
            if byte == UInt8(ascii: ".") {
                point = digits.count
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: text[(offset + 1)...], as: UTF8.self)) ?? 0
                break
            } else {
                digits.append(byte)
            }
        }
        var place = (point ?? digits.count) + exponent
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        guard zeros < digits.count else { return ([UInt8(ascii: "0")], 1) }
        digits.removeFirst(zeros)
        place -= zeros
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, place)
    }
}
