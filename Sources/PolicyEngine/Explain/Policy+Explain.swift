// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension Policy {
    /// Decides the question as the gateway would and says what was looked at. Costs texts: not for the request path.
    package func explain(_ question: PolicyQuestion) -> PolicyExplanation {
        var lines = [
            "policy \(quoted(id)), serial \(serial), mode \(mode.rawValue), sha256 \(sha256.hex)",
            "question: \(Self.text(of: question))",
        ]
        let verdict = walk(question, &lines)
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

    private static func text(of question: PolicyQuestion) -> String {
        var text = "\(question.direction.rawValue) \(quoted(question.endpointClass.rawValue))"
        if let endpoint = question.endpoint { text += " (\(endpoint))" }
        text += " from \(quoted(question.origin.text))"
        if let destination = question.destination { text += " to \(quoted(destination.text))" }
        if let room = question.room { text += ", room \(quoted(room))" }
        if let author = question.author { text += ", event \(quoted(question.eventType)) by \(quoted(author.text))" }
        if let edu = question.edu { text += ", EDU \(quoted(edu.name))" }
        return text
    }

    private func walk(_ question: PolicyQuestion, _ lines: inout [String]) -> Verdict {
        if let own = question.own {
            guard isOwn(own) else {
                lines.append("\(quoted(own.text)) is not one of the servers under `self`")
                let reason = question.direction == .inbound ? ReasonCode.authDestinationMismatch : .originUnknown
                return .refused(reason, by: nil)
            }
            lines.append("\(quoted(own.text)) is one of the servers under `self`")
        }
        guard let server = question.peer else {
            lines.append("the other server is not given")
            return .refused(.originUnknown, by: nil)
        }
        lines += placing(of: server)
        let peer: Peer
        switch admit(server, at: question.own) {
        case .refused(let verdict):
            lines.append("\(quoted(server.text)) is not admitted: \(verdict.summary)")
            return verdict
        case .admitted(let admitted): peer = admitted
        }
        let decided = decide(peer, question.endpointClass, question.direction, room: question.room)
        lines.append(step("class \(quoted(question.endpointClass.rawValue)) \(question.direction.rawValue)", decided))
        guard decided.isAllowed else { return decided }
        var last = decided
        if let author = question.author {
            if author != server { lines += placing(of: author) }
            last = decideAuthor(author, eventType: question.eventType, deliveredBy: peer, question.direction)
            lines.append(step("`send` \(question.direction.rawValue) by the author \(quoted(author.text))", last))
            guard last.isAllowed else { return last }
            let event = EventQuestion(typical: question.eventType, by: author)
            let contents = decideContents(of: event, deliveredBy: peer, question.direction, authorAllowedBy: last)
            if looksIntoEvents || contents != last {
                let mark = contents.alert.map { "; marked: \($0.plainText)" } ?? ""
                lines.append(
                    step("event \(quoted(event.type)) as \(event.isState ? "state" : "a message")", contents) + mark)
            }
            last = contents
            guard last.isAllowed else { return last }
        }
        if let edu = question.edu {
            last = decideEDU(edu, from: peer, question.direction)
            lines.append(step("EDU \(quoted(edu.name))", last))
        }
        return last
    }

    private func step(_ what: String, _ verdict: Verdict) -> String {
        "\(what): \(verdict.isAllowed ? "allowed" : "refused") \(verdict.ground)"
    }

    /// How a server came by its tier.
    private func placing(of server: ServerName) -> [String] {
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
