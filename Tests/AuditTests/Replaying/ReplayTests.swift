// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@testable import Audit

@Suite("Asking a log again")
struct ReplayTests {
    private static let time = Timestamp(milliseconds: 1_790_000_000_000)

    private func policy(_ tier: String, mode: String = "enforce", more: String = "") throws -> Policy {
        try Policy.compile(
            Array(
                """
                entente: 1
                policy: { id: p, serial: 7, mode: \(mode) }
                self: { state: FR, servers: [a.example.fr] }
                tiers:
                  own: { may: [send] }
                  eu: \(tier)
                assign: { DE: eu }
                servers: [{ name: b.example.de, state: DE\(more) }]
                """.utf8), fileName: "p.yaml")
    }

    /// A record of a request by the German server.
    private func record(
        _ endpointClass: EndpointClass = .send, _ decision: AuditRecord.Decision = .allow,
        _ reason: ReasonCode = .allowed, _ change: (inout AuditRecord) -> Void = { _ in }
    ) -> AuditRecord {
        var record = AuditRecord(
            time: Self.time.milliseconds * 1000, direction: .inbound, decision: decision, reason: reason)
        record.origin = AuditRecord.Origin(
            claimed: "b.example.de", authenticated: "b.example.de", keyID: "ed25519:1", state: "DE", tier: "eu")
        record.destination = AuditRecord.Destination(server: "a.example.fr", state: "FR")
        record.endpoint = EndpointLabel(endpointClass: endpointClass, method: "PUT", pathTemplate: "/")
        change(&record)
        return record
    }

    private func tally(
        _ records: [AuditRecord], _ policy: Policy, at time: Timestamp? = nil, since: Timestamp? = nil
    ) -> ReplayTally {
        var replay = PolicyReplay(of: policy, at: time, since: since)
        for (index, record) in records.enumerated() {
            let isRecord = replay.take(RecordedWorld.bytes(record, index + 1).span)
            #expect(isRecord)
        }
        return replay.tally
    }

    @Test("a change names state, tier, class, both rules, and a few records")
    func change() throws {
        let records = (0..<5).map { _ in
            record(.invite) { $0.ruleID = "tiers.eu.may" }
        }
        let tally = tally(records, try policy("{ may: [send] }"))
        let change = try #require(tally.changes.first)
        #expect(tally.changes.count == 1 && change.effect == .tightened && change.requests == 5)
        #expect(
            change.state == "DE" && change.oldTier == "eu" && change.newTier == "eu" && change.item.text == "invite")
        #expect(change.oldRule == "tiers.eu.may" && change.newRule?.description == "tiers.eu.may (p.yaml:6:9)")
        #expect(change.examples.map(\.sequence) == [1, 2, 3] && change.examples[0].server == "b.example.de")
    }

    @Test(
        "what keys, framing, limits or a lockdown refused is counted apart and stays",
        arguments: [
            ReasonCode.authSignatureInvalid, .httpLimits, .jsonInvalid, .pathNonCanonical, .keysUnavailable, .lockdown,
            .overload, .transactionOrigin, .memberForeign, .tlsRefused,
        ])
    func beside(reason: ReasonCode) throws {
        let tally = tally([record(.send, .refuse, reason)], try policy("{ may: [send] }"))
        #expect(tally.kept == [reason: 1] && tally.asked == 0 && tally.changes.isEmpty)
    }

    @Test("events change by their author and EDUs by their type, each with their number")
    func items() throws {
        let mixed = record {
            $0.authors = [.init(domain: "b.example.de", count: 3), .init(domain: "x.example.ch", count: 2)]
            var edus = AuditRecord.EDUCounts()
            (edus.presence, edus.receipts) = (4, 1)
            $0.edus = edus
        }
        let tally = tally([mixed], try policy("{ may: [send], edu: [receipts] }"))
        #expect(tally.changes.map { "\($0.item.text) \($0.items)" } == ["EDU presence 4", "event 2"])
        #expect(tally.newlyRefused == 1 && tally.newlyAllowed == 0)
    }

    @Test("a refused EDU is newly allowed where the tier lists it, and a malformed one never")
    func refusedItems() throws {
        let mixed = record(.send, .refuse, .transactionMixed) {
            var edus = AuditRecord.EDUCounts()
            (edus.presence, edus.typing) = (1, 1)
            $0.edus = edus
            $0.refusals = [
                .init(type: "presence", reason: .eduRefused, ruleID: "tiers.eu.edu"),
                .init(type: "typing", reason: .eduRefused), .init(type: "m.odd", reason: .eduUnknown),
            ]
        }
        let tally = tally([mixed], try policy("{ may: [send], edu: [typing, presence] }"))
        #expect(tally.changes.map { "\($0.effect) \($0.item.text) \($0.items)" } == ["loosened EDU presence 1"])
    }

    @Test("what a record does not hold is a gap and never guessed: contents, users, messages to devices")
    func gaps() throws {
        let send = record {
            $0.authors = [.init(domain: "b.example.de", count: 3)]
            var edus = AuditRecord.EDUCounts()
            edus.toDevice = 2
            $0.edus = edus
        }
        let candidate = try policy(
            "{ may: [send, join, profile], edu: [to_device], encryption: { messages: required }, "
                + "to_device: { max: 1KiB }, users: { refuse_localparts: [\"irc_*\"] } }")
        let tally = tally([send, record(.join), record(.profile)], candidate)
        #expect(tally.changes.isEmpty && tally.partlyUnanswered == 3)
        #expect(tally.gaps[.event]?.items == 4 && tally.gaps[.event]?.requests == 2)
        #expect(tally.gaps[.toDevice]?.items == 2 && tally.gaps[.user]?.requests == 1)
    }

    @Test("a refused type of event is judged by its type, where that is enough")
    func refusedType() throws {
        func refused(_ type: String) -> AuditRecord {
            record(.send, .absorbed, .pduTypeRefused) {
                $0.authors = [.init(domain: "b.example.de", count: 1)]
                $0.refusals = [
                    .init(
                        type: type, author: "b.example.de", reason: .pduTypeRefused,
                        ruleID: "tiers.eu.events.refuse_types")
                ]
            }
        }
        let candidate = try policy("{ may: [send], events: { refuse_types: [m.room.server_acl] } }")
        let tally = tally([refused("m.room.server_acl"), refused("m.call.invite")], candidate)
        #expect(tally.gaps[.event]?.items == 1 && tally.changes.isEmpty)
        #expect(self.tally([refused("m.call.invite")], try policy("{ may: [send] }")).newlyAllowed == 1)
    }

    @Test("dates count as of when each was decided, or as of the time that is given")
    func dates() throws {
        let candidate = try policy("{ may: [send] }", more: ", review_by: 2026-12-31, on_overdue: refuse")
        #expect(tally([record()], candidate).changes.isEmpty)
        let later = tally([record()], candidate, at: Self.time.advanced(byMilliseconds: 365 * 86_400_000))
        #expect(later.changes.first?.newReason == .reviewOverdue && later.changes.first?.newTier == nil)
        #expect(tally([record()], candidate, since: Self.time.advanced(byMilliseconds: 1)).decisions == 0)
    }

    @Test("what a policy in shadow mode let pass would be refused by one that is enforced, and the reverse")
    func shadow() throws {
        let watched = record(.invite) { $0.shadow = .init(decision: .refuse, ruleID: "tiers.eu.may") }
        #expect(tally([watched], try policy("{ may: [send] }")).newlyRefused == 1)
        #expect(tally([watched], try policy("{ may: [send] }", mode: "shadow")).changes.isEmpty)
        let refused = record(.invite, .refuse, .endpointRefused)
        #expect(tally([refused], try policy("{ may: [send] }", mode: "shadow")).newlyAllowed == 1)
    }

    @Test("an event whose type a policy in shadow mode would have refused is refused by the same, enforced")
    func watchedType() throws {
        let tier = "{ may: [send], events: { refuse_types: [m.room.server_acl] } }"
        let watched = record {
            $0.policy = PolicyStamp(serial: 3, sha256: SHA256.hash([]), mode: "shadow")
            $0.authors = [.init(domain: "b.example.de", count: 3)]
            $0.refusals = [
                .init(type: "m.room.server_acl", author: "b.example.de", reason: .pduTypeRefused, ruleID: "r")
            ]
        }
        let enforced = tally([watched], try policy(tier))
        #expect(enforced.changes.map(\.newReason) == [.pduTypeRefused] && enforced.gaps[.event]?.items == 2)
        #expect(tally([watched], try policy(tier, mode: "shadow")).changes.isEmpty)
    }

    @Test("a signature by a key that the policy does not pin is worth nothing under it")
    func pins() throws {
        let key = "6FqpLhuG5QjdyXjU6wU4LvYKttK/MWmwwtusJlPuqpw"
        func candidate(_ id: String) throws -> Policy {
            try policy("{ may: [send] }", more: ", keys: { \"ed25519:\(id)\": \"\(key)\" }")
        }
        #expect(tally([record()], try candidate("1")).changes.isEmpty)
        #expect(tally([record()], try candidate("2")).changes.first?.newReason == .authKeyUnknown)
    }

    @Test("records that name nobody are asked as such, and those without an endpoint are not")
    func anonymous() throws {
        let nobody = record(.keys) { $0.origin = AuditRecord.Origin() }
        let unknown = record(.keys, .refuse, .endpointUnknown) { $0.endpoint = nil }
        let tally = tally([nobody, unknown], try policy("{ may: [send] }"))
        #expect(tally.asked == 1 && tally.changes.isEmpty && tally.kept == [.endpointUnknown: 1])
    }

    @Test("records that are missing are counted, and the policies that decided")
    func missing() throws {
        var replay = PolicyReplay(of: try policy("{ may: [send] }"))
        for sequence in [1, 2, 9] {
            let isRecord = replay.take(
                RecordedWorld.bytes(
                    record { $0.policy = PolicyStamp(serial: 3, sha256: SHA256.hash([]), mode: "enforce") }, sequence
                ).span)
            #expect(isRecord)
        }
        #expect(replay.tally.missing == 6 && replay.tally.policies.map(\.decisions) == [3])
    }
}
