// SPDX-License-Identifier: Apache-2.0

/// `limits` of a tier, ready to be asked. A class: a request holds it for the price of a reference.
package final class TierLimits: Sendable {
    /// One limit, and the rule that a refusal names.
    package struct Limit: Sendable {
        package let rate: Rate
        package let rule: RuleReference
    }

    /// By `LimitName.index`.
    private let limits: [Limit?]
    /// Requests under way at a time.
    package let concurrent: Int?
    package let concurrentRule: RuleReference?

    init(_ rules: LimitRules) {
        limits = LimitName.allCases.map { name in
            rules.rates[name].map { Limit(rate: $0.value, rule: $0.rule) }
        }
        concurrent = rules.concurrent?.value
        concurrentRule = rules.concurrent?.rule
    }

    package subscript(name: LimitName) -> Limit? { limits[name.index] }

    /// For comparisons and tests.
    package var rates: [LimitName: Rate] {
        Dictionary(uniqueKeysWithValues: LimitName.allCases.compactMap { name in self[name].map { (name, $0.rate) } })
    }
}

extension LimitName {
    /// The place in tables of all limits.
    package var index: Int {
        switch self {
        case .requests: 0
        case .bytesIn: 1
        case .bytesOut: 2
        case .profiles: 3
        case .directory: 4
        case .keysClaim: 5
        case .invites: 6
        case .toDevice: 7
        }
    }

    /// What the record says of a request that exceeds it. AC-81, AC-82, AC-105.
    package var reason: ReasonCode {
        switch self {
        case .requests, .bytesIn, .bytesOut, .invites, .toDevice: .limitOrigin
        case .profiles, .directory: .enumProfile
        case .keysClaim: .enumKeysClaim
        }
    }
}
