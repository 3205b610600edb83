// SPDX-License-Identifier: Apache-2.0

/// What a rule in shadow would have decided: recorded, not carried out.
///
/// A class, so that the verdicts of all others are not made larger by it. Immutable.
package final class ShadowVerdict: Hashable, Sendable {
    package let isAllowed: Bool
    package let reason: ReasonCode
    package let rule: RuleReference?

    init(_ verdict: Verdict) {
        isAllowed = verdict.isAllowed
        reason = verdict.reason
        rule = verdict.rule
    }

    package static func == (a: ShadowVerdict, b: ShadowVerdict) -> Bool {
        a === b || (a.isAllowed == b.isAllowed && a.reason == b.reason && a.rule == b.rule)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(isAllowed)
        hasher.combine(rule)
    }

    /// For people.
    package var text: String {
        let ground = rule.map { " by \($0)" } ?? ""
        return isAllowed ? "would be allowed\(ground)" : "would be refused (\(reason.rawValue))\(ground)"
    }
}

/// A part of a tier that can be in shadow: each only restricts what the lists of classes and EDUs allow, so that to
/// watch it opens nothing that no rule allows.
enum ShadowedSection: String, CaseIterable, Hashable, Sendable {
    case encryption
    case events
    case hours
    case labels
    case media
    case rooms
    case toDevice = "to_device"
    case users
}

extension TierRules {
    func isShadowed(_ section: ShadowedSection) -> Bool {
        shadow?.elements.contains { $0.value == section } ?? false
    }

    /// What a finding of a section decides: nothing but a note, if the section is in shadow.
    func verdict(_ finding: Finding?, of section: ShadowedSection) -> Verdict {
        let verdict = Verdict(finding)
        guard !verdict.isAllowed, isShadowed(section) else { return verdict }
        return Verdict.allowed(by: nil).trying(ShadowVerdict(verdict))
    }
}
