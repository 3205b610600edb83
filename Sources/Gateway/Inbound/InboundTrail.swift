// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// What is known of a request so far. From it the record is made, wherever on its road the request ends.
struct InboundTrail {
    var method: HTTPMethod?
    var received: ReceivedRequest?
    var claimed: ServerName?
    var peer: Peer?
    var authenticated: AuthenticatedOrigin?
    /// The request with its body, once its origin is proved.
    var proved: AuthenticatedRequest?
    var decided: DecidedRequest?
    var bytesIn: Int?
    var requestHash: Digest?
    var explain: String?
    /// The limit that a policy which only watches would have refused it by.
    var exceeded: OriginAccount.Excess?
    /// What fetching the origin's keys met, if somebody has to look at that.
    var keyAlarm: ReasonCode?
    /// The network over which it came, if the policy has closed ones.
    var network: String?

    var firstItemReason: ReasonCode? { plan?.refused.first?.reason }
    var firstItemRule: RuleReference? { plan?.refused.first?.rule }

    private var plan: TransactionPlan? {
        if case .transaction(_, let plan) = decided?.facts { plan } else { nil }
    }

    /// - Parameter status: what the gateway answers; `nil` where the homeserver will.
    func record(
        _ decision: AuditRecord.Decision, _ reason: ReasonCode, rule: RuleReference?, refusal: Refusal?, status: Int?,
        of request: InboundRequest
    ) -> AuditRecord {
        let loop = request.loop
        var record = AuditRecord(
            time: loop.clock.microseconds, direction: .inbound, decision: decision, reason: reason)
        record.ruleID = rule?.id
        record.explain =
            refusal?.explain ?? explain ?? (decision.passes ? nil : ground(reason, rule, request.inForce.policy))
        record.policy = request.inForce.stamp
        record.network = network
        record.origin = AuditRecord.Origin(
            claimed: claimed?.text, authenticated: authenticated?.origin.text, keyID: authenticated?.header.key.text,
            state: peer?.state, tier: peer?.tier.name)
        if let received {
            record.destination = AuditRecord.Destination(
                server: loop.settings.homeservers[received.homeserver].name.text, state: request.inForce.policy.ownState
            )
            record.endpoint = EndpointLabel(received.endpoint)
        } else {
            record.method = method.map { $0.text.description }
        }
        record.http = AuditRecord.HTTP(
            status: status, errcode: refusal?.errcode.description, bytesIn: bytesIn)
        record.requestHash = requestHash
        record.tls = request.connection.tlsRecord
        record.durations = AuditRecord.Durations(total: (loop.eventLoop.now - request.began).nanoseconds / 1000)
        add(decision, loop, to: &record)
        if let proved {
            // What a server claims and has not proved does not choose how much is recorded.
            let level = proved.origin.flatMap { _ in peer }.map(request.inForce.policy.auditLevel) ?? .standard
            record.contents = RecordContents(level, proved, decided, loop.references).contents(
                passes: decision.passes, from: request.connection)
        }
        return record
    }

    /// Why a request is on the wrong network, for people.
    func ground(_ verdict: Verdict, on listener: String?, _ policy: Policy) -> String {
        let place = listener.map { "on listener \(quoted($0))" } ?? "on a listener of the Internet"
        return String("\(place): \(policy.explain(verdict, of: peer))".prefix(300))
    }

    /// Why a request does not pass, for people. Costs texts, so it is not asked of what passes, and servers that are refused
    /// by their name, who may be many, get one that stands ready.
    private func ground(_ reason: ReasonCode, _ rule: RuleReference?, _ policy: Policy) -> String {
        if let decided, !decided.verdict.isAllowed, reason == decided.verdict.reason {
            return policy.explain(decided.verdict, of: peer)
        }
        guard case .transaction(let transaction, let plan) = decided?.facts, let first = plan.refused.first else {
            // What was proved to come from a peer is worth more words.
            guard let rule, authenticated != nil else { return rule?.description ?? reason.plainText }
            return policy.explain(reason, by: rule, of: peer)
        }
        var text = first.rule.map { policy.explain(first.reason, by: $0, of: peer) } ?? first.reason.plainText
        switch first.item {
        case .pdu(let index):
            if let author = transaction.pdus[index].authorServer, author != peer?.server {
                text = "event by \(quoted(author.text)), brought by \(text)"
            }
        case .edu(let index): text = "EDU \(quoted(transaction.edus[index].kind.name)): \(text)"
        case .member(let name): text = "member \(quoted(name)) of the transaction: \(text)"
        }
        let others = plan.refused.count - 1
        return others > 0 ? "\(text); and \(others) more" : text
    }

    private func add(_ decision: AuditRecord.Decision, _ loop: InboundLoop, to record: inout AuditRecord) {
        record.alerts = decided?.alerts ?? [peer?.alert].compactMap(\.self)
        if let keyAlarm { record.alerts.append(keyAlarm) }
        if let exceeded {
            record.shadow = AuditRecord.Shadow(decision: .refuse, ruleID: exceeded.rule?.id)
        } else if let shadow = decided?.shadow {
            record.shadow = AuditRecord.Shadow(decision: .refuse, ruleID: shadow.rule?.id)
        } else if let verdict = decided?.verdict, verdict.isWatched {
            record.shadow = AuditRecord.Shadow(decision: .allow, ruleID: verdict.rule?.id)
        } else if let trial = decided?.trial {
            record.shadow = AuditRecord.Shadow(decision: trial.isAllowed ? .allow : .refuse, ruleID: trial.rule?.id)
        }
        switch decided?.facts {
        case .transaction(let transaction, let plan): add(transaction, plan, decision, loop, to: &record)
        case .request(let facts):
            record.room = facts.room.map { loop.references.reference(.room, $0) }
        case nil, .some(.none): break
        }
    }

    private func add(
        _ transaction: Transaction, _ plan: TransactionPlan, _ decision: AuditRecord.Decision, _ loop: InboundLoop,
        to record: inout AuditRecord
    ) {
        var refusedEvents = 0
        for item in plan.refused {
            switch item.item {
            case .pdu(let index):
                refusedEvents += 1
                let pdu = transaction.pdus[index]
                let events = proved?.document.map { loop.references.references(of: pdu, in: $0) } ?? []
                record.refusals.append(
                    AuditRecord.Refusal(
                        event: events.first, otherEvents: Array(events.dropFirst()), type: pdu.type,
                        author: pdu.authorServer?.text, reason: item.reason, ruleID: item.rule?.id))
            case .edu(let index):
                record.refusals.append(
                    AuditRecord.Refusal(
                        type: transaction.edus[index].kind.name, reason: item.reason, ruleID: item.rule?.id))
            case .member(let name):
                record.refusals.append(AuditRecord.Refusal(type: name, reason: item.reason))
            }
        }
        let count = transaction.pdus.count
        record.pdus = AuditRecord.PDUCounts(
            received: count, forwarded: decision.passes ? count : 0, refused: refusedEvents)
        record.authors = Self.authors(transaction)
        if !transaction.edus.isEmpty { record.edus = AuditRecord.EDUCounts(transaction.edus) }
        if let room = transaction.pdus.first?.roomID, transaction.pdus.allSatisfy({ $0.roomID == room }) {
            record.room = loop.references.reference(.room, room)
        }
    }

    /// The authors' servers, each with its number of events. Few for nearly every transaction, at most fifty.
    private static func authors(_ transaction: Transaction) -> [AuditRecord.Author] {
        var authors: [AuditRecord.Author] = []
        for pdu in transaction.pdus {
            guard let server = pdu.authorServer?.text else { continue }
            if let index = authors.firstIndex(where: { $0.domain == server }) {
                authors[index].count += 1
            } else {
                authors.append(AuditRecord.Author(domain: server, count: 1))
            }
        }
        return authors
    }
}

extension AuditRecord.EDUCounts {
    init(_ edus: [EDUFacts]) {
        self.init()
        for edu in edus {
            switch edu.kind {
            case .typing: typing += 1
            case .receipts: receipts += 1
            case .presence: presence += 1
            case .toDevice: toDevice += 1
            case .deviceLists: deviceLists += 1
            case .signingKeys: signingKeys += 1
            case .unknown: other += 1
            }
        }
    }
}
