// SPDX-License-Identifier: Apache-2.0

/// What a host name looks like: two names with one skeleton are hard to tell apart on a screen.
///
/// The skeleton of UTS 39 (Unicode Security Mechanisms, "Confusable Detection") by Unicode's own data, and coarser: accents and
/// all combining marks are taken off, so that no order of them matters, letters are lower case, and what imitates a letter
/// within ASCII, or in a hurry, counts as that letter. Two names with one skeleton by UTS 39 have one here.
enum Confusables {
    /// - Parameter host: lower-case ASCII without a port; labels that begin with `xn--` are decoded.
    static func skeleton(ofHost host: [UInt8]) -> [UInt8] {
        var points: [UInt32] = []
        for label in host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            if !points.isEmpty || label.startIndex > 0 { points.append(0x2E) }
            if label.starts(with: Punycode.prefix), let decoded = Punycode.decode(label.dropFirst(4)) {
                points += decoded
            } else {
                points += label.map { UInt32($0) }
            }
        }
        return skeleton(points)
    }

    static func skeleton(_ points: [UInt32]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(points.count + 4)
        for point in points {
            if point < 0x80 {
                append(UInt8(truncatingIfNeeded: point), to: &out)
            } else if let prototype = ConfusableTable.prototypes[point] {
                for point in prototype { append(letter(point), to: &out) }
            } else {
                append(letter(point), to: &out)
            }
        }
        return out
    }

    private static func append(_ point: UInt32, to out: inout [UInt8]) {
        if point < 0x80 { return append(UInt8(truncatingIfNeeded: point), to: &out) }
        // Combining marks and characters without width add nothing to see.
        guard let scalar = Unicode.Scalar(point), scalar.properties.canonicalCombiningClass == .notReordered,
            !scalar.properties.isDefaultIgnorableCodePoint
        else { return }
        out.append(contentsOf: [0xFF, UInt8(point >> 16 & 0xFF), UInt8(point >> 8 & 0xFF), UInt8(point & 0xFF)])
    }

    /// Folds what looks alike within ASCII: `0`/`o`, `1`/`l`, `5`/`s`, `rn`/`m`, `vv`/`w`, `cl`/`d`, and runs of dashes.
    private static func append(_ byte: UInt8, to out: inout [UInt8]) {
        var byte = byte
        switch byte {
        case UInt8(ascii: "0"): byte = UInt8(ascii: "o")
        case UInt8(ascii: "1"): byte = UInt8(ascii: "l")
        case UInt8(ascii: "5"): byte = UInt8(ascii: "s")
        default: break
        }
        guard let last = out.last else { return out.append(byte) }
        switch (last, byte) {
        case (UInt8(ascii: "r"), UInt8(ascii: "n")): out[out.count - 1] = UInt8(ascii: "m")
        case (UInt8(ascii: "v"), UInt8(ascii: "v")): out[out.count - 1] = UInt8(ascii: "w")
        case (UInt8(ascii: "c"), UInt8(ascii: "l")): out[out.count - 1] = UInt8(ascii: "d")
        case (UInt8(ascii: "-"), UInt8(ascii: "-")): break
        default: out.append(byte)
        }
    }

    /// The ASCII letter that a character looks like, else the character.
    private static func letter(_ point: UInt32) -> UInt32 {
        if point < 0x80 { return point }
        if (0xFF10...0xFF19).contains(point) { return point - 0xFF10 + 0x30 }
        if (0xFF21...0xFF3A).contains(point) { return point - 0xFF21 + 0x61 }
        if (0xFF41...0xFF5A).contains(point) { return point - 0xFF41 + 0x61 }
        return table[point] ?? point
    }

    /// Beside Unicode's: letters that differ and are read for one another.
    private static let table: [UInt32: UInt32] = {
        var table: [UInt32: UInt32] = [:]
        for (ascii, others) in imitations {
            for other in others.unicodeScalars { table[other.value] = ascii.value }
        }
        return table
    }()

    private static let imitations: [(Unicode.Scalar, String)] = [
        ("a", "аɑαàáâãäåāăąǎạảấầẩẫậắằẳẵặ"), ("b", "ЬьƄƅɓḃ"), ("c", "сϲⅽçćĉċč"), ("d", "ԁⅾɗďđḍ"),
        ("e", "еҽєèéêëēĕėęěẹẻẽếềểễệёѐ"), ("f", "ƒғϝ"), ("g", "ɡցĝğġģǧ"), ("h", "һհĥħḥ"),
        ("i", "іıιɩіìíîïĩīĭįǐịỉї"), ("j", "јϳĵ"), ("k", "кκķƙ"), ("l", "ӏⅼĺļľŀłḷ"), ("m", "мⅿṃ"),
        ("n", "ոпηñńņňŉṇ"), ("o", "оοօσòóôõöøōŏőǒọỏốồổỗộơớờởỡợ"), ("p", "рρƥ"), ("q", "ԛգ"),
        ("r", "гɾŕŗřṛ"), ("s", "ѕʂśŝşšșṣ"), ("t", "тτţťŧțṭ"), ("u", "υսцùúûüũūŭůűųǔụủưứừửữự"),
        ("v", "ѵνⅴ"), ("w", "ԝѡɯŵẁẃẅ"), ("x", "хχⅹ"), ("y", "уγүўýÿŷỳỵỷỹ"), ("z", "ʐźżžẓ"),
        ("0", "०০੦"), ("3", "зҙӡ"), ("-", "‐‑‒–—―−"), (".", "。．｡․"),
    ]
}
