// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension Policy {
    /// The name it was compiled under, for messages.
    package var fileName: String { compiled.file }

    /// The lockdowns under which it decides.
    package var lockdownsInForce: [LockdownInForce] { compiled.circumstances.lockdowns }

    /// Those that it does not know, or knows with another argument: under them it would decide as if there were none.
    package func unknown(_ lockdowns: [LockdownInForce]) -> [LockdownInForce] {
        lockdowns.filter { lockdown in
            !lockdownProfiles.contains { $0.name == lockdown.profile && $0.takesState == (lockdown.state != nil) }
        }
    }

    /// The same policy with these lockdowns in force instead.
    package func under(lockdowns: [LockdownInForce]) -> Policy {
        under(Circumstances(now: lookedAt, lockdowns: lockdowns))
    }

    /// What a command's `NAME` or `NAME:STATE` means.
    package func lockdown(_ text: String) throws(LockdownCheck.Refusal) -> LockdownInForce {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let profile = lockdownProfiles.first(where: { $0.name == parts[0] }) else {
            throw .unknownProfile(parts[0], among: lockdownProfiles.map(\.name))
        }
        return try profile.lockdown(parts.count == 2 ? parts[1] : nil)
    }
}

extension LockdownProfile {
    package func lockdown(_ argument: String?) throws(LockdownCheck.Refusal) -> LockdownInForce {
        guard takesState else {
            guard argument == nil else {
                throw LockdownCheck.Refusal(what: "\(quoted(name)) takes no argument", todo: "leave it out")
            }
            return LockdownInForce(profile: name)
        }
        guard let argument else {
            throw LockdownCheck.Refusal(what: "\(quoted(name)) has to be told a state", todo: "add its code, as `RU`")
        }
        guard let state = CountryCode(argument) else {
            let hint = CountryCode.correction(of: argument).map { "write \(quoted($0.code)), \($0.because)" }
            throw LockdownCheck.Refusal(
                what: "\(quoted(argument)) is no country code of ISO 3166-1",
                todo: hint ?? "write two upper-case letters")
        }
        return LockdownInForce(profile: name, state: state)
    }

    /// What it does, for people.
    package var meaning: String {
        let refused = classes.map { $0.map(\.rawValue).sorted().joined(separator: ", ") } ?? "everything"
        let whom = takesState ? "the state it is told" : "everybody"
        let kept =
            keptTiers.isEmpty ? "" : " but tier\(keptTiers.count == 1 ? "" : "s") \(keptTiers.joined(separator: ", "))"
        return "refuses \(refused) to \(whom)\(kept)"
    }

    /// `72h`, `30d`: as a policy writes it.
    package var longestText: String { Self.text(longest) }

    /// As a policy reads it.
    package static func duration(_ text: String) -> Duration? { StrictNumber.duration(text) }

    package static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        for (unit, length) in [("d", Int64(86_400)), ("h", 3600), ("min", 60)]
        where seconds > 0 && seconds % length == 0 {
            return "\(seconds / length)\(unit)"
        }
        return "\(seconds)s"
    }
}

extension LockdownCheck.Refusal: Error {
    static func unknownProfile(_ name: String, among names: [String]) -> Self {
        Self(
            what: "the policy in force has prepared no lockdown \(quoted(name))",
            todo: names.isEmpty
                ? "write it under `lockdown` in the policy first"
                : nearestName(to: name, in: names).map { "did you mean \(quoted($0))?" }
                    ?? "it has \(quotedList(names, conjunction: "and"))")
    }
}
