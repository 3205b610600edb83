// SPDX-License-Identifier: Apache-2.0

/// So many in so long: `50/s`, `200/h`, `5GiB/d`.
package struct Rate: Hashable, Sendable {
    /// Pieces, or bytes; 1 or more.
    package let count: Int64
    /// Seconds: 1, 60, 3,600 or 86,400.
    package let period: Int64

    /// Whether more comes through in the long run. Bursts are not compared: `60/min` is as much as `1/s`.
    func exceeds(_ other: Rate) -> Bool {
        let own = count.multipliedFullWidth(by: other.period)
        let others = other.count.multipliedFullWidth(by: period)
        return (own.high, own.low) > (others.high, others.low)
    }

    var text: String { "\(count)/\(period)" }
}

/// What a tier's `limits` can name. Each counts for one server and not for the tier together.
package enum LimitName: String, CaseIterable, Hashable, Sendable {
    case requests
    case bytesIn = "bytes_in"
    case bytesOut = "bytes_out"
    /// Profiles asked for.
    case profiles
    /// Aliases, public rooms and space hierarchies asked for.
    case directory
    /// One-time keys claimed: AC-82.
    case keysClaim = "keys_claim"
    case invites
    /// EDUs to single devices.
    case toDevice = "to_device"

    var isBytes: Bool { self == .bytesIn || self == .bytesOut }
}

/// `limits`: how much one server of the tier may ask for. AC-81, AC-82, AC-105.
struct LimitRules: Sendable {
    var rates: [LimitName: WrittenRule<Rate>] = [:]
    /// Requests under way at a time.
    var concurrent: WrittenRule<Int>?

    var isEmpty: Bool { rates.isEmpty && concurrent == nil }

    func inheriting(_ base: LimitRules) -> LimitRules {
        LimitRules(
            rates: rates.merging(base.rates) { own, _ in own }, concurrent: concurrent ?? base.concurrent)
    }

    var canonical: [String] {
        var lines = LimitName.allCases.compactMap { name in
            rates[name].map { "limits.\(name.rawValue) \($0.value.text)" }
        }
        if let concurrent { lines.append("limits.concurrent \(concurrent.value)") }
        return lines
    }
}
