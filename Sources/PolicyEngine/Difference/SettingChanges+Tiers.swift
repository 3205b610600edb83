// SPDX-License-Identifier: Apache-2.0

/// Keys of tiers and exceptions of which it can be told whether a change loosens, and that verdicts do not show.
extension SettingChanges {
    /// Their lines in the canonical rendering are judged here.
    static let tierKeys: Set<Substring> = ["as_author", "in_room", "shadow"]

    /// Of tiers that both policies have; a new tier is seen where somebody is in it.
    var tierSettings: [PolicyDiff.Setting] {
        let before = Dictionary(old.compiled.tiers.map { ($0.name, $0.rules) }, uniquingKeysWith: { first, _ in first })
        return new.compiled.tiers.flatMap { tier -> [PolicyDiff.Setting] in
            let (was, becomes) = (before[tier.name] ?? TierRules(), tier.rules)
            return [
                Self.change(
                    "tiers.\(tier.name).as_author", was.asAuthor?.value ?? .refuse, becomes.asAuthor?.value ?? .refuse
                ) { $0 == .redact ? 1 : 0 },
                Self.change(
                    "tiers.\(tier.name).in_room", was.inRoom?.value ?? .allow, becomes.inRoom?.value ?? .allow, \.width),
                shadowed("tiers.\(tier.name).shadow", was, becomes),
            ].compactMap(\.self)
        }
    }

    /// - Parameter width: how much a value lets through.
    static func change<Value: RawRepresentable & Equatable>(
        _ key: String, _ was: Value, _ becomes: Value, _ width: (Value) -> Int
    ) -> PolicyDiff.Setting? where Value.RawValue == String {
        guard was != becomes else { return nil }
        return .init(
            effect: width(becomes) > width(was) ? .loosened : .tightened,
            text: "\(key): \(was.rawValue) → \(becomes.rawValue)")
    }

    /// What comes into shadow decides no longer.
    private func shadowed(_ key: String, _ was: TierRules, _ becomes: TierRules) -> PolicyDiff.Setting? {
        let (before, after) = (
            Set(ShadowedSection.allCases.filter(was.isShadowed)),
            Set(ShadowedSection.allCases.filter(becomes.isShadowed))
        )
        guard before != after else { return nil }
        func text(_ sections: Set<ShadowedSection>) -> String {
            sections.isEmpty ? "none" : sections.map(\.rawValue).sorted().joined(separator: ", ")
        }
        return .init(
            effect: after.isSubset(of: before) ? .tightened : .loosened,
            text: "\(key): \(text(before)) → \(text(after))")
    }

    /// What exceptions say of files. Classes are in the verdicts.
    var exceptionMedia: [PolicyDiff.Setting] {
        func media(_ policy: Policy) -> [String: MediaRules] {
            Dictionary(
                policy.compiled.rows.exceptions.filter { !$0.isShadowed && !$0.media.isEmpty }.map {
                    ($0.id, $0.media)
                },
                uniquingKeysWith: { first, _ in first })
        }
        let (before, after) = (media(old), media(new))
        return Set(before.keys).union(after.keys).sorted().compactMap { id in
            let (was, becomes) = (before[id], after[id])
            guard was?.canonical != becomes?.canonical else { return nil }
            // Keys that one of them leaves to the tier cannot be compared: loosened.
            let isNarrower =
                if let was, let becomes {
                    becomes.excess(over: was) == nil && (was.max == nil) == (becomes.max == nil)
                        && (was.types == nil) == (becomes.types == nil)
                        && (was.requireReference == nil) == (becomes.requireReference == nil)
                } else { false }
            let what =
                was == nil ? "is new" : becomes == nil ? "is gone" : isNarrower ? "is narrower" : "is wider or other"
            return .init(effect: isNarrower ? .tightened : .loosened, text: "exceptions.\(id).media \(what)")
        }
    }
}
