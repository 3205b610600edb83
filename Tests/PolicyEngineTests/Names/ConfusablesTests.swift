// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import PolicyEngine

@Suite("What names look like: UTS 39, Confusable Detection")
struct ConfusablesTests {
    /// Labels made by dice and their skeletons as ICU computes them, each a line of code points.
    private static func labels() throws -> [(label: [UInt32], skeleton: [UInt32])] {
        func points(_ text: Substring) -> [UInt32] { text.split(separator: " ").compactMap { UInt32($0, radix: 16) } }
        let text = String(decoding: try Fixtures.bytes("confusables/labels.txt"), as: UTF8.self)
        return text.split(separator: "\n").map { line in
            let sides = line.split(separator: "=", omittingEmptySubsequences: false)
            return (points(sides[0]), points(sides[1]))
        }
    }

    @Test("a label and its skeleton by Unicode's data look the same, and two labels made by dice do not")
    func differential() throws {
        let labels = try Self.labels()
        #expect(labels.count == 400)
        var seen: [[UInt8]: [UInt32]] = [:]
        for (label, skeleton) in labels {
            let own = Confusables.skeleton(label)
            #expect(own == Confusables.skeleton(skeleton), "\(label.map { String($0, radix: 16) })")
            #expect(seen.updateValue(label, forKey: own) == nil)
        }
    }

    @Test("the table is whole: every prototype looks like itself, and nothing in ASCII has one")
    func table() {
        #expect(ConfusableTable.prototypes.count == 2554 && ConfusableTable.unicodeVersion == "15.0")
        for (point, prototype) in ConfusableTable.prototypes {
            #expect(point >= 0x80 && !prototype.contains(0))
            #expect(Confusables.skeleton([point]) == Confusables.skeleton(prototype), "\(String(point, radix: 16))")
        }
    }

    private func skeleton(_ text: String) -> [UInt8] { Confusables.skeleton(text.unicodeScalars.map(\.value)) }

    @Test(
        "names that people take for one another have one skeleton",
        arguments: [
            ("bund", "Ьund"), ("paypal", "раураl"), ("example", "ехаmрlе"), ("micro", "rnicro"), ("google", "g00gle"),
            ("alliance", "a11iance"), ("apple", "аррⅼе"), ("oslo", "ösló"), ("wien", "vvien"), ("a-b", "a‐b"),
            ("scope", "ѕсоре"), ("oo", "ഠഠ"), ("land", "l\u{0430}nd"), ("min", "ｍin"),
        ])
    func alike(plain: String, imitation: String) {
        #expect(skeleton(plain) == skeleton(imitation))
    }

    @Test("names that differ keep apart", arguments: [("bund", "bond"), ("berlin", "bern"), ("a", "b"), ("中国", "中华")])
    func apart(first: String, second: String) {
        #expect(skeleton(first) != skeleton(second))
    }
}
