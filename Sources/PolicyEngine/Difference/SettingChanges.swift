// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What two policies differ in and verdicts do not show.
///
/// Found by comparing canonical renderings line by line, so that nothing is passed over: a line of a kind that is not known
/// here counts as loosened.
struct SettingChanges {
    let old: Policy
    let new: Policy

    var all: [PolicyDiff.Setting] {
        (header + pins + states + exceptions + exceptionMedia + reviews + tierSettings + audit + rest).sorted {
            ($0.effect, $0.text) < ($1.effect, $1.text)
        }
    }

    private var header: [PolicyDiff.Setting] {
        var found: [PolicyDiff.Setting] = []
        if old.id != new.id { found.append(.init(effect: .neutral, text: "policy.id: \(old.id) → \(new.id)")) }
        if old.serial != new.serial {
            found.append(.init(effect: .neutral, text: "policy.serial: \(old.serial) → \(new.serial)"))
        }
        if old.mode != new.mode {
            found.append(
                .init(
                    effect: new.mode == .shadow ? .loosened : .tightened,
                    text: "policy.mode: \(old.mode.rawValue) → \(new.mode.rawValue)"))
        }
        if old.requiresDestination != new.requiresDestination {
            found.append(
                .init(
                    effect: new.requiresDestination ? .tightened : .loosened,
                    text: "self.require_destination: \(old.requiresDestination) → \(new.requiresDestination)"))
        }
        if old.ownState != new.ownState {
            found.append(.init(effect: .neutral, text: "self.state: \(old.ownState) → \(new.ownState)"))
        }
        return found
    }

    /// Keys that count and did not count before loosen.
    private var pins: [PolicyDiff.Setting] {
        Set(old.representatives).intersection(new.representatives).compactMap { name in
            let (was, becomes) = (old.pinnedKeys(of: name), new.pinnedKeys(of: name))
            guard was != becomes else { return nil }
            guard let becomes else { return .init(effect: .loosened, text: "\(name.text): keys are no longer pinned") }
            guard let was else { return .init(effect: .tightened, text: "\(name.text): keys are pinned now") }
            let isLooser = becomes.contains { id, pin in
                guard let earlier = was[id], earlier.key == pin.key else { return true }
                if Self.strictness(pin.onOverdue) < Self.strictness(earlier.onOverdue) { return true }
                guard let end = earlier.notAfter else { return false }
                return pin.notAfter.map { $0 > end } ?? true
            }
            return .init(
                effect: isLooser ? .loosened : .tightened,
                text: "\(name.text): \(isLooser ? "keys count that did not" : "pinned keys are fewer or end earlier")")
        }
    }

    /// A server's state is in every record, and no rule looks at it beside the tier.
    private var states: [PolicyDiff.Setting] {
        Set(old.representatives).intersection(new.representatives).compactMap { name in
            let (was, becomes) = (old.state(of: name), new.state(of: name))
            guard was != becomes else { return nil }
            return .init(
                effect: .neutral, text: "\(name.text): state \(was?.text ?? "none") → \(becomes?.text ?? "none")")
        }
    }

    /// What an exception says is in the verdicts; until when is not.
    private var exceptions: [PolicyDiff.Setting] {
        let before = old.compiled.rows.exceptions
        return new.compiled.rows.exceptions.compactMap { exception in
            guard let was = before.first(where: { $0.id == exception.id }), was.until != exception.until else {
                return nil
            }
            let isLater = exception.until > was.until
            let isLoosened = !(isLater ? exception.allow : exception.refuse).isEmpty
            return .init(
                effect: isLoosened ? .loosened : .tightened,
                text: "exceptions.\(exception.id) ends \(isLater ? "later" : "earlier")")
        }
    }

    /// Reviews, and what follows if they are late.
    private var reviews: [PolicyDiff.Setting] {
        let before = Dictionary(old.compiled.servers.map { ($0.text, $0) }, uniquingKeysWith: { first, _ in first })
        return new.compiled.servers.flatMap { server -> [PolicyDiff.Setting] in
            guard let was = before[server.text] else { return [] }
            var found: [PolicyDiff.Setting] = []
            let (first, last) = (was.review?.end, server.review?.end)
            if first != last {
                let isLater = last.map { last in first.map { last > $0 } ?? false } ?? true
                found.append(
                    .init(
                        effect: isLater ? .loosened : .tightened,
                        text: "\(server.text): review is due \(isLater ? "later, or never" : "earlier")"))
            }
            if was.onOverdue != server.onOverdue {
                let isLooser = Self.strictness(server.onOverdue) < Self.strictness(was.onOverdue)
                found.append(
                    .init(
                        effect: isLooser ? .loosened : .tightened,
                        text: "\(server.text): on_overdue \(was.onOverdue.rawValue) → \(server.onOverdue.rawValue)"))
            }
            return found
        }
    }

    private static func strictness(_ overdue: Overdue) -> Int {
        switch overdue {
        case .alert: 0
        case .downgrade: 1
        case .refuse: 2
        }
    }

    /// Lines of the renderings that no other part of the comparison covers.
    private var rest: [PolicyDiff.Setting] {
        let (was, becomes) = (lines(of: old), lines(of: new))
        // A requirement more binds servers that are listed later, too.
        return was.subtracting(becomes).map { .init(effect: .loosened, text: "no longer: \($0)") }
            + becomes.subtracting(was).map { line in
                let isRequirement = line.hasPrefix("require ")
                return .init(
                    effect: isRequirement ? .tightened : .loosened,
                    text: (isRequirement ? "new: " : "new, judged as loosened: ") + line)
            }
    }

    private func lines(of policy: Policy) -> Set<String> {
        Set(
            String(decoding: policy.compiled.canonical, as: UTF8.self).split(separator: "\n").map(String.init)
                .filter { !isCovered($0.split(separator: " ")) }
                // Whether a tier only watches is in its verdicts.
                .map { $0.replacing(" shadow=true", with: "").replacing(" shadow=false", with: "") }
                .filter { !($0.hasPrefix("tier ") && $0.hasSuffix(" downgrade=none")) })
    }

    private func isCovered(_ words: [Substring]) -> Bool {
        switch words.first {
        case "entente", "policy", "self", "state", "unknown", "anonymous", "server", "pin", "exception", "review",
            "overdue",
            "operator", "audit":
            true
        case "tier":
            words.count > 2 && (["inbound", "outbound", "edu"].contains(words[2]) || Self.tierKeys.contains(words[2]))
        default: false
        }
    }
}
