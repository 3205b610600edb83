// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension Policy {
    /// Decides the question as the gateway would and says what was looked at. Costs texts: not for the request path.
    package func explain(_ question: PolicyQuestion) -> PolicyExplanation {
        var lines = [
            "policy \(quoted(id)), serial \(serial), mode \(mode.rawValue), sha256 \(sha256.hex)",
            "question: \(question.text)",
        ]
        let policy = at(question.time)
        lines += lockdownsInForce.map { "as if lockdown \(quoted($0.text)) were in force" }
        if policy.isExpired {
            lines.append("the policy has expired, its `on_expiry` is \(quoted(validity.onExpiry.rawValue))")
        }
        let verdict = policy.walk(question) { lines += $0() }
        lines.append("verdict: \(verdict.summary)")
        if mode == .shadow { lines.append("the policy is in shadow mode: this is recorded and not carried out") }
        return PolicyExplanation(verdict: verdict, lines: lines)
    }

    /// Names the peer, tier and rule of a verdict that was given, for a record.
    package func explain(_ verdict: Verdict, of peer: Peer?) -> String {
        guard let peer else { return String(verdict.summary.prefix(300)) }
        let state = peer.state ?? "no state"
        return String("\(quoted(peer.server.text)), \(state), tier \(peer.tier.name): \(verdict.summary)".prefix(300))
    }

    /// The same for what the record keeps of a refusal that a rule decided.
    package func explain(_ reason: ReasonCode, by rule: RuleReference?, of peer: Peer?) -> String {
        explain(Verdict.refused(reason, by: rule), of: peer)
    }

    func step(_ what: String, _ verdict: Verdict) -> String {
        "\(what): \(verdict.isAllowed ? "allowed" : "refused") \(verdict.ground)"
            + (verdict.shadow.map { "; in shadow: \($0.text)" } ?? "")
    }

    /// How a server came by its tier.
    func placing(of server: ServerName) -> [String] {
        guard let index = compiled.table.index(of: server.text.utf8.span) else { return placingOfUnlisted(server) }
        let listed = compiled.servers[index]
        let name = quoted(server.text)
        let standing = compiled.standings[index]
        let tier = compiled.tiers[listed.tier]
        let state = listed.state.map { "state \(quoted($0.text))" } ?? "no state"
        let why =
            switch listed.source {
            case .own: "it stands under `self`"
            case .ownState: "its state is the own state"
            case .server(let place): "its own `tier:` at \(at(place))"
            case .assigned(let subject, let place): "`assign.\(subject)` at \(at(place))"
            case .unknown: "nothing assigns it one, so it gets that of unknown servers"
            case .lists(let name, let place, let all, let isContested):
                listing(name, at: place, all, isContested, listed.refusal)
            }
        var lines = [
            "\(name) is listed at \(at(listed.place))\(listed.isPattern ? " by \(quoted(listed.text))" : ""), \(state)",
            "\(name) is in tier \(quoted(tier.name)): \(why)",
        ]
        if let base = tier.base { lines.append("tier \(quoted(tier.name)) is like \(quoted(base))") }
        if standing.tier != listed.tier {
            lines.append("\(name) was put down to tier \(quoted(compiled.tiers[standing.tier].name))")
        }
        if let alert = standing.alert { lines.append("\(name) wants a look (\(alert.rawValue)): \(alert.plainText)") }
        if let pins = listed.pins {
            let ids = pins.keys.map(\.text).sorted()
            lines.append("only its pinned keys count: \(quotedList(ids, conjunction: "and"))")
        }
        return lines
    }

    private func listing(
        _ name: String, at place: YAMLPlace, _ all: [String], _ isContested: Bool, _ refusal: ReasonCode?
    ) -> String {
        if refusal == .originListStale { return "list \(quoted(name)) at \(at(place)), which is too old to count" }
        guard isContested else {
            let version = compiled.lists.first { $0.name == name }?.list.version.map { ", version \($0)" } ?? ""
            return "list \(quoted(name)) at \(at(place))\(version)"
        }
        return "the lists \(quotedList(all, conjunction: "and")) give it different tiers or states"
    }

    private func placingOfUnlisted(_ server: ServerName) -> [String] {
        var lines = ["\(quoted(server.text)) is not listed"]
        if let resembled = resembled(by: server) {
            lines.append("\(quoted(server.text)) looks like \(quoted(resembled.text)), and is another server")
        }
        let tier = compiled.tiers[compiled.unknownTier].name
        let rule = compiled.unknownRule.map { " by \($0)" } ?? ", because `assign` does not say otherwise"
        return lines + ["unknown servers are in tier \(quoted(tier))\(rule)"]
    }

    private func at(_ place: YAMLPlace) -> String { "\(compiled.file):\(place.line):\(place.column)" }
}
