// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Dates and signatures. A date that comes later lets something last longer.
extension SettingChanges {
    /// When the policy begins, ends, and who has to sign it.
    var terms: [PolicyDiff.Setting] {
        let (was, becomes) = (old.compiled.terms, new.compiled.terms)
        var found: [PolicyDiff.Setting] = []
        let (first, last) = (was.expires?.value, becomes.expires?.value)
        if first != last {
            let isLater = last.map { last in first.map { last > $0 } ?? false } ?? true
            found.append(
                .init(
                    effect: isLater ? .loosened : .tightened,
                    text: "policy.expires: \(Self.end(first)) → \(Self.end(last))"))
        }
        let (opens, opensNow) = (was.notBefore?.value, becomes.notBefore?.value)
        if opens != opensNow {
            let isLater = opensNow.map { now in opens.map { now > $0 } ?? true } ?? false
            func text(_ time: Timestamp?) -> String { time.map(StrictDate.text) ?? "at once" }
            found.append(
                .init(
                    effect: isLater ? .tightened : .loosened,
                    text: "policy.not_before: \(text(opens)) → \(text(opensNow))"))
        }
        if was.expires != nil || becomes.expires != nil {
            found +=
                [Self.change("policy.on_expiry", was.onExpiry, becomes.onExpiry) { $0 == .ownStateOnly ? 1 : 0 }]
                .compactMap(\.self)
        }
        return found + [quorum(was.quorum, becomes.quorum)].compactMap(\.self)
    }

    /// Tightened only if whoever satisfies the new one satisfies the old one.
    private func quorum(_ was: PolicyTerms.Quorum?, _ becomes: PolicyTerms.Quorum?) -> PolicyDiff.Setting? {
        func names(_ quorum: PolicyTerms.Quorum?) -> Set<String> { Set(quorum?.officers.map(\.value.text) ?? []) }
        func text(_ quorum: PolicyTerms.Quorum?) -> String {
            quorum.map { "\($0.need.value) of \(names($0).sorted().joined(separator: ", "))" } ?? "the node's"
        }
        guard text(was) != text(becomes) else { return nil }
        let isStricter =
            if let was, let becomes {
                becomes.need.value - names(becomes).subtracting(names(was)).count >= was.need.value
            } else { was == nil }
        return .init(
            effect: isStricter ? .tightened : .loosened, text: "policy.quorum: \(text(was)) → \(text(becomes))")
    }

    /// Servers that can prove nothing on the day that is looked at, because all their pinned keys have ended.
    var endedKeys: [PolicyDiff.Setting] {
        let (was, becomes) = (Set(old.serversWithEndedKeys), Set(new.serversWithEndedKeys))
        return becomes.subtracting(was).map { name in
            .init(effect: .tightened, text: "\(name.text): its pinned keys have ended by then, nothing it signs counts")
        }
            + was.subtracting(becomes).map { name in
                .init(effect: .loosened, text: "\(name.text): its pinned keys had ended by then, and no longer have")
            }
    }

    /// How the ends of keys moved that both pin; `nil`: they did not.
    static func ends(_ was: [KeyID: PinnedKey], _ becomes: [KeyID: PinnedKey]) -> String? {
        let moved = becomes.sorted { $0.key.text < $1.key.text }.compactMap { id, pin -> String? in
            guard let earlier = was[id], earlier.key == pin.key, earlier.notAfter != pin.notAfter else { return nil }
            return "\(end(earlier.notAfter)) → \(end(pin.notAfter))"
        }
        return moved.isEmpty ? nil : Set(moved).sorted().joined(separator: ", ")
    }

    /// The last day of something that ends at a midnight, else the instant.
    static func end(_ time: Timestamp?) -> String {
        guard let time else { return "never" }
        guard time.milliseconds % 86_400_000 == 0 else { return StrictDate.text(time) }
        return String(StrictDate.text(time.advanced(byMilliseconds: -1)).prefix(10))
    }
}

extension Policy {
    /// Servers whose pinned keys have all ended when the policy is looked at, and with them their right to be believed: no verdict
    /// shows it, as signatures are checked before. Empty if no date is looked at.
    package var serversWithEndedKeys: [ServerName] {
        let circumstances = compiled.circumstances
        guard circumstances.now != nil else { return [] }
        return representatives.filter { name in
            guard let keys = pinnedKeys(of: name), !keys.isEmpty else { return false }
            return keys.values.allSatisfy { pin in
                pin.onOverdue == .refuse && (pin.notAfter.map(circumstances.isPast) ?? false)
            }
        }
    }
}
