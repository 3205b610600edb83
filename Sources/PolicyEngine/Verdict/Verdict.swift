// SPDX-License-Identifier: Apache-2.0

/// What the policy says of a request, an event or an EDU. All verdicts are made when the policy is compiled.
package struct Verdict: Hashable, Sendable {
    package let isAllowed: Bool
    /// `.allowed` exactly if it is allowed. For the record, never for the peer.
    package let reason: ReasonCode
    /// The rule that decided; where a list does not name the class, that list. `nil` if nothing written decided: deny.
    package let rule: RuleReference?
    /// What is worth an officer's look although it is allowed.
    package private(set) var alert: ReasonCode?

    /// The same, with a mark. The first mark stays.
    func marked(_ alert: ReasonCode) -> Verdict {
        var verdict = self
        if verdict.alert == nil { verdict.alert = alert }
        return verdict
    }

    /// The same, with the mark of another and what it says of rules in shadow, if it has them.
    package func marked(as other: Verdict) -> Verdict {
        (other.alert.map { marked($0) } ?? self).trying(other.shadow)
    }

    /// Nothing written speaks against it.
    package static let unopposed = Verdict.allowed(by: nil)

    /// Refused only because the tier is in `mode: shadow`; `rule` is the one that would have allowed it.
    package private(set) var isWatched = false

    /// What rules that are in shadow would have made of it, where that is something else.
    package private(set) var shadow: ShadowVerdict?

    /// The same, with what rules in shadow would have made of it. The first one stays.
    func trying(_ shadow: ShadowVerdict?) -> Verdict {
        guard let shadow, self.shadow == nil, shadow.isAllowed != isAllowed else { return self }
        var verdict = self
        verdict.shadow = shadow
        return verdict
    }

    /// Refused, and yet the event's redacted form is what passes: `as_author: redact`.
    package private(set) var leavesRedacted = false

    /// The same refusal, which leaves the event's redacted form.
    var redacting: Verdict {
        var verdict = self
        verdict.leavesRedacted = !isAllowed
        return verdict
    }

    /// The same in a tier that is in `mode: shadow`.
    var watched: Verdict {
        guard isAllowed else { return self }
        var verdict = Verdict.refused(.shadow, by: rule)
        verdict.isWatched = true
        return verdict
    }

    static func allowed(by rule: RuleReference?) -> Verdict {
        Verdict(isAllowed: true, reason: .allowed, rule: rule)
    }

    static func refused(_ reason: ReasonCode, by rule: RuleReference?) -> Verdict {
        Verdict(isAllowed: false, reason: reason, rule: rule)
    }

    /// A peer that another policy admitted: the request began under a policy that this one is not.
    static let foreignPeer = Verdict.refused(.policyUnavailable, by: nil)

    /// One line for people, for example `refused (endpoint.refused) by tiers.eea.inbound.refuse (policy.yaml:33:60)`.
    package var summary: String { "\(isAllowed ? "allowed" : "refused (\(reason.rawValue))") \(ground)" }

    /// Why, for people: by a rule, for want of an entry in a list, or for want of any rule.
    var ground: String {
        guard let rule else { return "because no rule allows it" }
        let isList = Self.allowingLists.contains { rule.id.hasSuffix($0) }
        return isAllowed || !isList ? "by \(rule)" : "because \(rule) does not list it"
    }

    /// Keys whose lists refuse what they do not name.
    private static let allowingLists = [
        ".may", ".edu", ".types", ".state_types", ".algorithms", ".invite_from", ".invite_to", ".other_servers",
    ]
}
