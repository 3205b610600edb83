// SPDX-License-Identifier: Apache-2.0

/// Reads `limits` of a tier.
enum LimitRulesReader {
    static func limits(_ fields: MappingDecoder) -> LimitRules {
        var rules = LimitRules()
        for name in LimitName.allCases {
            rules.rates[name] = fields.written(name.rawValue) { $0.rate(ofBytes: name.isBytes) }
        }
        rules.concurrent = fields.written("concurrent") { $0.int(in: 1...100_000) }
        return rules
    }
}

extension ValueDecoder {
    /// `50/s`, `60/min`, `200/h`, `1000/d`; of bytes `5GiB/d`.
    func rate(ofBytes isBytes: Bool) -> Rate? {
        note(.text)
        let example = isBytes ? "`5GiB/d`" : "`50/s`"
        guard case .scalar(let text, _) = node.content else {
            wrongType("a rate", todo: "write it like \(example)")
            return nil
        }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            wrongType("a rate", todo: "write so many in so long, like \(example)")
            return nil
        }
        let (amount, unit) = (
            String(decoding: Array(parts[0]), as: UTF8.self), String(decoding: Array(parts[1]), as: UTF8.self)
        )
        guard let period = Self.periods[unit] else {
            fail("\(quoted(unit)) in \(name) is no length of time", todo: "write `/s`, `/min`, `/h` or `/d`")
            return nil
        }
        guard let count = isBytes ? StrictNumber.byteCount(amount).map(Int64.init) : StrictNumber.integer(amount) else {
            fail(
                isBytes
                    ? "\(quoted(amount)) in \(name) is no number of bytes"
                    : "\(quoted(amount)) in \(name) is no number",
                todo: isBytes
                    ? "write a number with `B`, `KiB`, `MiB` or `GiB`, for example \(example)"
                    : "write decimal digits before the `/`, for example \(example)")
            return nil
        }
        guard count > 0 else {
            fail(
                "\(name) is \(quoted(text)), nothing could pass", todo: "give 1 or more, or take the class out of `may`"
            )
            return nil
        }
        guard isBytes || count <= 1_000_000_000 else {
            fail("\(name) is more than 1000000000", todo: "give a smaller number, or remove the line")
            return nil
        }
        return Rate(count: count, period: period)
    }

    private static let periods: [String: Int64] = ["s": 1, "min": 60, "h": 3600, "d": 86_400]
}
