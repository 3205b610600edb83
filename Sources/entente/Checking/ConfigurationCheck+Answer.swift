// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

extension ConfigurationCheck {
    /// One line for each list: whose it is, how many servers it names, until when it counts.
    var listLines: [String] {
        (policy?.summary.lists ?? []).map { list in
            var parts = ["\(count(list.list.names.count, "server")) into tier \(list.tier)"]
            if let version = list.list.version { parts.append("version \(version)") }
            if let signer = list.list.signer { parts.append("signed by \(quoted(signer.subject))") }
            parts.append(end(of: list).map { "counts until \($0)" } ?? "has no end")
            return "list \(list.name): \(parts.joined(separator: ", "))"
        }
    }

    /// One line for each lockdown that the policy has prepared.
    var lockdownLines: [String] {
        (policy?.lockdownProfiles ?? []).map { profile in
            "lockdown \(profile.name)\(profile.takesState ? " STATE" : ""): \(profile.meaning); on needs "
                + "\(profile.tightenNeeds), off needs \(profile.loosenNeeds), at most \(profile.longestText)"
        }
    }

    private var lockdownValues: JSONValue {
        .list(
            (policy?.lockdownProfiles ?? []).map { profile in
                .object([
                    ("name", .text(profile.name)), ("argument", .text(profile.takesState ? "state" : "none")),
                    ("meaning", .text(profile.meaning)), ("tighten_needs", .number(profile.tightenNeeds)),
                    ("loosen_needs", .number(profile.loosenNeeds)),
                    ("max_seconds", .number(Int(profile.longest.components.seconds))),
                ])
            })
    }

    private func end(of list: ListSummary) -> String? {
        listEnds[list.name].map { RFC3339Time.text(of: $0) }
    }

    private var listValues: JSONValue {
        .list(
            (policy?.summary.lists ?? []).map { list in
                var members: [(name: String, value: JSONValue)] = [
                    ("name", .text(list.name)), ("form", .text(list.form.rawValue)), ("tier", .text(list.tier)),
                    ("servers", .number(list.list.names.count)), ("sha256", .text(list.list.sha256.hex)),
                    ("stale", .truth(list.isStale)),
                ]
                if let version = list.list.version { members.append(("version", .number(Int(version)))) }
                if let signer = list.list.signer { members.append(("signer", .text(signer.subject))) }
                if let end = end(of: list) { members.append(("until", .text(end))) }
                return .object(members)
            })
    }

    /// One line on what was found good.
    var summaryLine: String {
        var parts: [String] = []
        if let policy {
            let summary = policy.summary
            let tiers = summary.tiers.map { "\($0.name) \($0.servers)" }.joined(separator: ", ")
            parts.append(
                "policy \(policy.id), serial \(policy.serial), mode \(policy.mode.rawValue): "
                    + "\(count(summary.servers, "server")) of \(count(summary.states, "state")) in "
                    + "\(count(summary.tiers.count, "tier")) (\(tiers))")
            parts.append("keys of \(summary.pinned) pinned")
            parts.append("unknown servers: \(summary.unknownTier)")
        }
        if let configuration {
            let certificates = configuration.listeners.reduce(0) { $0 + $1.certificates.count }
            parts.append(
                "node \(configuration.node): \(count(configuration.listeners.count, "listener")), "
                    + "\(count(certificates, "certificate")), \(count(configuration.homeservers.count, "homeserver"))")
        }
        return parts.joined(separator: "; ")
    }

    private func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

    var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("ok", .truth(isClean)), ("errors", .list(errors.map { .text($0) })),
            ("warnings", .list(warnings.map { .text($0) })),
        ]
        if let policy {
            let summary = policy.summary
            members.append(
                (
                    "policy",
                    .object([
                        ("id", .text(policy.id)), ("serial", .number(Int(policy.serial))),
                        ("mode", .text(policy.mode.rawValue)), ("sha256", .text(policy.sha256.hex)),
                        ("servers", .number(summary.servers)), ("states", .number(summary.states)),
                        ("pinned", .number(summary.pinned)), ("unknown", .text(summary.unknownTier)),
                        ("lists", listValues), ("lockdowns", lockdownValues),
                        ("tiers", .object(summary.tiers.map { ($0.name, .number($0.servers)) })),
                    ])
                ))
        }
        return .object(members)
    }
}
