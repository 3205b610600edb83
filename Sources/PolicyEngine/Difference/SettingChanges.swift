// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What two policies differ in and verdicts do not show.
///
/// Found by comparing canonical renderings line by line, so that nothing is passed over: a line of a kind that is not known
/// here counts as loosened, and so does a change of which it cannot be told which way it goes.
struct SettingChanges {
    let old: Policy
    let new: Policy

    var all: [PolicyDiff.Setting] {
        (header + terms + pins + endedKeys + states + exceptions + exceptionMedia + reviews + ways + tierSettings
            + contents + networks + requirements + lockdownTerms + lists + audit + rest).sorted {
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
        found += [Self.change("self.replay", old.replay, new.replay, \.width)].compactMap(\.self)
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
            let ends = Self.ends(was, becomes).map { "; not_after " + $0 } ?? ""
            return .init(
                effect: isLooser ? .loosened : .tightened,
                text:
                    "\(name.text): \(isLooser ? "keys count that did not" : "pinned keys are fewer or end earlier")\(ends)"
            )
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
            // Of `media` it cannot be told whether it opens or shuts.
            let isLoosened = !(isLater ? exception.allow : exception.refuse).isEmpty || !exception.media.isEmpty
            return .init(
                effect: exception.isShadowed && was.isShadowed ? .neutral : isLoosened ? .loosened : .tightened,
                text: "exceptions.\(exception.id).until \(Self.end(was.until)) → \(Self.end(exception.until)): it ends "
                    + (isLater ? "later" : "earlier"))
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
                        text: "\(server.text): review_by \(Self.end(first)) → \(Self.end(last)): it is due "
                            + (isLater ? "later, or never" : "earlier")))
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

    /// How servers are reached: fewer pins and ranges tighten, as does having any.
    private var ways: [PolicyDiff.Setting] {
        let before = Dictionary(old.compiled.servers.map { ($0.text, $0) }, uniquingKeysWith: { first, _ in first })
        return new.compiled.servers.flatMap { server -> [PolicyDiff.Setting] in
            guard let first = before[server.text] else { return [] }
            let (was, becomes) = (first.connect ?? ConnectDefinition(), server.connect ?? ConnectDefinition())
            var found: [PolicyDiff.Setting] = []
            func compare(_ key: String, _ old: Set<String>, _ new: Set<String>) {
                guard old != new else { return }
                let isNarrower = !new.isEmpty && (old.isEmpty || new.isSubset(of: old))
                found.append(
                    .init(
                        effect: isNarrower ? .tightened : .loosened,
                        text: "\(server.text): connect.\(key) \(isNarrower ? "admits less" : "admits more or others")"))
            }
            compare("spki", Set(was.pins.map(\.hex)), Set(becomes.pins.map(\.hex)))
            compare("cidrs", Set(was.ranges.map(\.canonical)), Set(becomes.ranges.map(\.canonical)))
            if was.checksSource != becomes.checksSource {
                found.append(
                    .init(
                        effect: becomes.checksSource ? .tightened : .loosened,
                        text: "\(server.text): connect.check_source \(was.checksSource) → \(becomes.checksSource)"))
            }
            // Another place can be a better or a worse one: somebody has to look.
            if was.host?.value != becomes.host?.value || was.port != becomes.port {
                found.append(.init(effect: .loosened, text: "\(server.text): it is dialled at another place"))
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
        return was.subtracting(becomes).map { Self.untold("no longer: \($0)") }
            + becomes.subtracting(was).map { Self.untold("new: \($0)") }
    }

    /// A change of which nobody can say by the files alone whether it opens something.
    static func untold(_ text: String) -> PolicyDiff.Setting {
        .init(effect: .loosened, text: text + " (it cannot be told whether this loosens)")
    }

    private func lines(of policy: Policy) -> Set<String> {
        Set(
            String(decoding: policy.compiled.canonical, as: UTF8.self).split(separator: "\n").map(String.init)
                .filter { !Self.isCovered($0.prefix { $0 != " " }) })
    }

    /// Kinds of lines that verdicts or one of the parts above judge.
    private static func isCovered(_ kind: Substring) -> Bool {
        switch kind {
        case "entente", "policy", "not_before", "expires", "quorum", "self", "network", "relay", "served", "tier",
            "state",
            "unknown", "anonymous", "server", "pin", "review", "overdue", "operator", "connect", "audit", "require",
            "exception", "lockdown", "list":
            true
        default: false
        }
    }
}
