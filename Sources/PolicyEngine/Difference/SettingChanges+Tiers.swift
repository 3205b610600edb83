// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Keys of tiers and exceptions of which it can be told whether a change loosens, and that verdicts do not show.
extension SettingChanges {
    /// Of tiers that both policies have, and of those between which somebody moves; a tier that is new is seen where
    /// somebody is in it.
    var tierSettings: [PolicyDiff.Setting] {
        tierPairs.flatMap { pair -> [PolicyDiff.Setting] in
            let (was, becomes) = (pair.was.rules, pair.becomes.rules)
            return [
                Self.change(
                    "\(pair.label).as_author", was.asAuthor?.value ?? .refuse, becomes.asAuthor?.value ?? .refuse
                ) { $0 == .redact ? 1 : 0 },
                Self.change(
                    "\(pair.label).in_room", was.inRoom?.value ?? .allow, becomes.inRoom?.value ?? .allow, \.width),
                shadowed("\(pair.label).shadow", was, becomes),
            ].compactMap(\.self)
        }
    }

    /// A tier and what becomes of it, or of those who were in it.
    struct TierPair {
        let was: CompiledTier
        let becomes: CompiledTier
        /// What is in front of a key: `tiers.eu`, or `eu → eea (DE, FR)`.
        let label: String
        var isMove: Bool { was.name != becomes.name }
    }

    var tierPairs: [TierPair] {
        var moved: [String: (was: CompiledTier, becomes: CompiledTier, who: [String])] = [:]
        func note(_ was: CompiledTier?, _ becomes: CompiledTier?, _ who: String) {
            guard let was, let becomes, was.name != becomes.name else { return }
            moved["\(was.name) → \(becomes.name)", default: (was, becomes, [])].who.append(who)
        }
        let (before, after) = (Self.byName(old), Self.byName(new))
        for name in Set(old.representatives).intersection(new.representatives).sorted(by: { $0.text < $1.text }) {
            note(before[old.tierName(of: name)], after[new.tierName(of: name)], name.text)
        }
        for state in Set(old.namedStates + new.namedStates).sorted() {
            note(
                old.compiled.tiers[old.tier(ofNewServerOf: state)], new.compiled.tiers[new.tier(ofNewServerOf: state)],
                state.text)
        }
        note(
            old.compiled.tiers[old.compiled.unknownTier], new.compiled.tiers[new.compiled.unknownTier],
            "servers that are not listed")
        let same = new.compiled.tiers.compactMap { tier in
            before[tier.name].map { TierPair(was: $0, becomes: tier, label: "tiers.\(tier.name)") }
        }
        return same
            + moved.sorted { $0.key < $1.key }.map { key, move in
                let more = move.who.count > 12 ? " and \(move.who.count - 12) more" : ""
                return TierPair(
                    was: move.was, becomes: move.becomes,
                    label: "\(key) (\(move.who.prefix(12).joined(separator: ", "))\(more))")
            }
    }

    private static func byName(_ policy: Policy) -> [String: CompiledTier] {
        Dictionary(policy.compiled.tiers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
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
