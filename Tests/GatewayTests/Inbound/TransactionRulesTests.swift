// SPDX-License-Identifier: Apache-2.0

import Foundation
import Gateway
import MatrixFederation
import TestKit
import Testing

/// The rules of a transaction: decided item by item, passed whole or not at all.
@Suite("Transactions at the border")
struct TransactionRulesTests {
    static let partner = BorderPolicy.partner
    static let good = SampleEvent.message(by: partner, "good")
    static let relayed = SampleEvent.message(by: BorderPolicy.blocked, "relayed")
    static let user = "@u:\(partner)"

    static func transaction(_ pdus: [String], edus: [String]? = nil, _ changes: [String: String?] = [:]) -> String {
        SampleEvent.transaction(from: partner, pdus: pdus, edus: edus, changes)
    }

    /// The ids that an answer names, each of them with an error.
    static func errors(_ outcome: BorderOutcome) throws -> Set<String> {
        let answer = try JSONSerialization.jsonObject(with: Data(outcome.response.body)) as? [String: [String: Any]]
        let pdus = try #require(answer?["pdus"] as? [String: [String: String]])
        for (id, result) in pdus {
            #expect(result["error"]?.contains("record \(outcome.record.sequence)") ?? false, "\(id)")
        }
        return Set(pdus.keys)
    }

    @Test("where all items pass, the very bytes go on and the homeserver's own results come back")
    func whole() async throws {
        let body =
            #"{ "pdus" : [\#(Self.good)], "edus":[\#(SampleEvent.typing(of: Self.user))], "#
            + #""origin_server_ts": 1767225600000, "origin":"\u0068s.example.de" }"#
        try await Border.stand(policy: BorderPolicy.text()) { border in
            let results = #"{"pdus": {"$a": {"error": "M_FORBIDDEN: no"}, "$b": {}}, "more" : 1 }"#
            border.homeserver.answer(.text(200, results))
            let outcome = try await border.send(body)
            #expect(outcome.response.status == 200 && outcome.response.text == results)
            #expect(outcome.seen.count == 1 && outcome.seen[0].body == Array(body.utf8))
            #expect(outcome.record.decision == "allow" && outcome.record.rule == "tiers.partner.inbound.may")
            #expect(outcome.record.number("pdus.in") == 1 && outcome.record.number("pdus.forwarded") == 1)
            #expect(outcome.record.number("pdus.refused") == 0 && outcome.record.count("refusals") == 0)
            #expect(outcome.record.string.contains(#""edus":{"m.typing":1}"#))
            #expect(outcome.record.text("authors.0.domain") == Self.partner)
            #expect(outcome.record.text("req_sha256") == SHA256.hash(Array(body.utf8)).hex)
            border.homeserver.answer(.text(500, #"{"errcode":"M_UNKNOWN"}"#))
            let failed = try await border.send(body)
            #expect(failed.response.status == 500 && failed.response.text == #"{"errcode":"M_UNKNOWN"}"#)
        }
    }

    @Test(
        "where no item passes, nothing goes on and each event is answered with an error",
        arguments: ["withhold", "refuse"])
    func absorbed(mixed: String) async throws {
        let unknown = SampleEvent.edu("org.example.new", "{}")
        let mixed = try #require(MixedTransactions(rawValue: mixed))
        try await Border.stand(policy: BorderPolicy.text(), mixed: mixed) { border in
            let other = SampleEvent.message(by: BorderPolicy.unknown, "other")
            let outcome = try await border.send(Self.transaction([Self.relayed, other], edus: [unknown]))
            #expect(outcome.response.status == 200 && outcome.seen.isEmpty)
            let ids = try Self.errors(outcome)
            #expect(try ids.contains(SampleEvent.id(Self.relayed)) && ids.contains(SampleEvent.id(other)))
            let record = outcome.record
            #expect(record.decision == "absorbed" && record.reason == "pdu.author_denied")
            #expect(record.number("pdus.in") == 2 && record.number("pdus.refused") == 2)
            #expect(record.number("pdus.forwarded") == 0 && record.number("http.status") == 200)
            #expect(record.count("refusals") == 3 && record.count("authors") == 2)
            #expect(record.text("refusals.0.author") == BorderPolicy.blocked)
            #expect(record.text("refusals.1.author") == BorderPolicy.unknown)
            #expect(record.text("refusals.2.reason") == "edu.unknown")
            #expect(record.text("refusals.2.type") == "org.example.new")
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t2", Self.transaction([Self.good]))
        }
    }

    @Test(
        "where some pass and `mixed: withhold`, nothing goes on, all is acknowledged, and the record lists what was refused"
    )
    func withheld() async throws {
        try await Border.stand(policy: BorderPolicy.text(), mixed: .withhold) { border in
            let outcome = try await border.send(
                Self.transaction([Self.good, Self.relayed], edus: [SampleEvent.typing(of: Self.user)]))
            #expect(outcome.response.status == 200 && outcome.seen.isEmpty)
            let ids = try Self.errors(outcome)
            #expect(try ids.contains(SampleEvent.id(Self.relayed)) && ids.contains(SampleEvent.id(Self.good)))
            let record = outcome.record
            #expect(record.decision == "withheld" && record.reason == "send.withheld")
            #expect(record.number("pdus.in") == 2 && record.number("pdus.refused") == 1)
            #expect(record.number("pdus.forwarded") == 0 && record.count("refusals") == 1)
            #expect(record.text("refusals.0.reason") == "pdu.author_denied")
            #expect(record.text("refusals.0.author") == BorderPolicy.blocked)
            #expect(record.text("refusals.0.type") == "m.room.message")
        }
    }

    @Test("where some pass and `mixed: refuse`, the peer is told 403 and keeps the transaction")
    func refused() async throws {
        try await Border.stand(policy: BorderPolicy.text(), mixed: .refuse) { border in
            let mixed = Self.transaction([Self.good, Self.relayed])
            try await border.expectRefuses(
                "PUT", "/_matrix/federation/v1/send/t1", mixed, 403, "M_FORBIDDEN", "send.mixed")
            let record = try await border.lastRecord()
            #expect(record.count("refusals") == 1 && record.number("pdus.forwarded") == 0)
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.transaction([Self.good]))
        }
    }

    @Test("without items, and sent again under the same id, a transaction passes")
    func emptyAndRepeated() async throws {
        try await Border.stand(policy: BorderPolicy.text()) { border in
            let path = "/_matrix/federation/v1/send/t1"
            try await border.expectPasses("PUT", path, Self.transaction([]))
            try await border.expectPasses("PUT", path, Self.transaction([], edus: []))
            try await border.expectPasses("PUT", path, Self.transaction([], ["pdus": nil]))
            for _ in 0..<3 { try await border.expectPasses("PUT", path, Self.transaction([Self.good])) }
        }
    }

    @Test("a policy that only watches lets them pass and records what it would have refused")
    func shadow() async throws {
        try await Border.stand(policy: BorderPolicy.text(mode: "shadow"), mixed: .refuse) { border in
            let body = Self.transaction([Self.good, Self.relayed], edus: [SampleEvent.edu("org.example.new", "{}")])
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", body)
            let record = try await border.lastRecord()
            #expect(record.text("shadow.decision") == "refuse" && record.text("policy.mode") == "shadow")
            #expect(record.number("pdus.forwarded") == 2 && record.number("pdus.refused") == 1)
            #expect(record.count("refusals") == 2)
            // A class that the tier has not: passed too, with the rule that would have refused it.
            let empty = SampleEvent.transaction(from: BorderPolicy.mute)
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", empty, from: BorderPolicy.mute)
            #expect(try await border.lastRecord().text("shadow.rule_id") == "tiers.mute.inbound.may")
            // What is wrong whatever the policy says, and who may not come at all, is refused all the same.
            try await border.expectRefuses(
                "PUT", "/_matrix/federation/v1/send/t1", SampleEvent.transaction(from: BorderPolicy.blocked),
                from: BorderPolicy.blocked, 403, "M_FORBIDDEN", "origin.blocked")
            let foreign = Self.transaction([], edus: [SampleEvent.typing(of: "@u:\(BorderPolicy.own)")])
            let outcome = try await border.send(foreign)
            #expect(outcome.seen.isEmpty && outcome.record.decision == "absorbed")
            #expect(outcome.record.text("shadow.decision") == nil)
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.transaction([Self.good]))
            #expect(try await border.lastRecord().text("shadow.decision") == nil)
        }
    }

    @Test("AC-75 an unknown EDU type or an unknown member decides the whole transaction")
    func unknownParts() async throws {
        let unknown = SampleEvent.edu("org.example.new", #"{"x":1}"#)
        let typing = SampleEvent.typing(of: Self.user)
        try await Border.stand(policy: BorderPolicy.text(), mixed: .refuse) { border in
            let path = "/_matrix/federation/v1/send/t1"
            try await border.expectPasses("PUT", path, Self.transaction([Self.good], edus: [typing]))
            let alone = try await border.send(Self.transaction([], edus: [unknown]))
            #expect(alone.response.text == #"{"pdus":{}}"# && alone.seen.isEmpty)
            #expect(alone.record.decision == "absorbed" && alone.record.reason == "edu.unknown")
            try await border.expectRefuses(
                "PUT", path, Self.transaction([Self.good], edus: [unknown]), 403, "M_FORBIDDEN", "send.mixed")
            try await border.expectRefuses(
                "PUT", path, Self.transaction([Self.good], ["org.example.more": "[1]"]), 403, "M_FORBIDDEN",
                "send.mixed")
            #expect(try await border.lastRecord().text("refusals.0.type") == "org.example.more")
            #expect(try await border.lastRecord().text("refusals.0.reason") == "edu.unknown")
        }
        try await Border.stand(policy: BorderPolicy.text(), mixed: .withhold) { border in
            for body in [
                Self.transaction([Self.good], edus: [unknown]),
                Self.transaction([Self.good], ["org.example.more": "[1]"]),
            ] {
                let outcome = try await border.send(body)
                #expect(outcome.seen.isEmpty && outcome.record.decision == "withheld")
            }
            // The reader's tier lets receipts through and no typing.
            let quiet = SampleEvent.transaction(
                from: BorderPolicy.reader, edus: [SampleEvent.typing(of: "@u:\(BorderPolicy.reader)")])
            let outcome = try await border.send(quiet, from: BorderPolicy.reader)
            #expect(outcome.seen.isEmpty && outcome.record.reason == "edu.refused")
            #expect(outcome.record.rule == "tiers.reader.edu")
        }
    }

    @Test("the body's origin is the header's")
    func origin() async throws {
        try await Border.stand(policy: BorderPolicy.text()) { border in
            let path = "/_matrix/federation/v1/send/t1"
            for other in [BorderPolicy.reader, BorderPolicy.own, "HS.example.de", "hs.example.de:8448", ""] {
                try await border.expectRefuses(
                    "PUT", path, SampleEvent.transaction(from: other, pdus: [Self.good]), 403, "M_FORBIDDEN",
                    "send.origin_mismatch")
            }
            try await border.expectRefuses(
                "PUT", path, Self.transaction([Self.good], ["origin": "1"]), 400, "M_BAD_JSON", "json.invalid")
            try await border.expectPasses("PUT", path, Self.transaction([Self.good]))
        }
    }

    @Test("AC-69 at most 50 events and 100 EDUs")
    func counts() async throws {
        let typing = SampleEvent.typing(of: Self.user)
        try await Border.stand(policy: BorderPolicy.text()) { border in
            let path = "/_matrix/federation/v1/send/t1"
            func body(_ pdus: Int, _ edus: Int) -> String {
                Self.transaction(Array(repeating: Self.good, count: pdus), edus: Array(repeating: typing, count: edus))
            }
            try await border.expectPasses("PUT", path, body(50, 100))
            try await border.expectRefuses("PUT", path, body(51, 0), 400, "M_BAD_JSON", "pdu.limits")
            try await border.expectRefuses("PUT", path, body(0, 101), 400, "M_BAD_JSON", "pdu.limits")
        }
    }

    @Test("AC-69 an event over the limits is an error of its own and goes no further")
    func limits() async throws {
        func list(_ count: Int) -> String {
            "[" + (0..<count).map { "\"$e\($0)\"" }.joined(separator: ",") + "]"
        }
        let long = "\"" + String(repeating: "x", count: 256) + "\""
        let large = SampleEvent.message(by: Self.partner, String(repeating: "x", count: 65_536))
        try await Border.stand(policy: BorderPolicy.text()) { border in
            for event in [
                large, SampleEvent.message(by: Self.partner, "x", ["prev_events": list(21)]),
                SampleEvent.message(by: Self.partner, "x", ["prev_events": list(10_000)]),
                SampleEvent.message(by: Self.partner, "x", ["auth_events": list(11)]),
                SampleEvent.message(by: Self.partner, "x", ["type": long]),
                SampleEvent.message(by: Self.partner, "x", ["state_key": long]),
                SampleEvent.message(
                    by: Self.partner, "x", ["event_id": "\"$" + String(repeating: "x", count: 255) + "\""]),
            ] {
                let outcome = try await border.send(Self.transaction([event]))
                let name: Comment = "\(event.prefix(200))"
                #expect(outcome.response.status == 200 && outcome.seen.isEmpty, name)
                #expect(outcome.record.decision == "absorbed" && outcome.record.reason == "pdu.limits", name)
                #expect(try Self.errors(outcome).contains(SampleEvent.id(event)), name)
            }
            let fits = SampleEvent.message(by: Self.partner, String(repeating: "x", count: 65_000))
            let full = SampleEvent.message(
                by: Self.partner, "x", ["prev_events": list(20), "auth_events": list(10)])
            try await border.expectPasses("PUT", "/_matrix/federation/v1/send/t1", Self.transaction([fits, full]))
        }
    }

    @Test("AC-60 an event counts as its author's server's, whoever delivers it")
    func authors() async throws {
        try await Border.stand(policy: BorderPolicy.text()) { border in
            let path = "/_matrix/federation/v1/send/t1"
            // `reader` may send in its own right, so others may deliver its events.
            try await border.expectPasses(
                "PUT", path, Self.transaction([Self.good, SampleEvent.message(by: BorderPolicy.reader)]))
            for (author, rule) in [
                (BorderPolicy.blocked, nil), (BorderPolicy.unknown, "assign.unknown"),
                (BorderPolicy.mute, "tiers.mute.inbound.may"),
            ] {
                let outcome = try await border.send(Self.transaction([SampleEvent.message(by: author)]))
                #expect(outcome.seen.isEmpty && outcome.response.status == 200, "\(author)")
                #expect(outcome.record.reason == "pdu.author_denied", "\(author): \(outcome.record.reason ?? "")")
                if let rule { #expect(outcome.record.rule == rule, "\(author)") }
                #expect(outcome.record.text("refusals.0.author") == author)
                #expect(outcome.record.text("origin.authenticated") == Self.partner)
            }
        }
    }

    @Test("AC-76 whoever an EDU is about is a user of the origin")
    func subjects() async throws {
        func edus(_ user: String) -> [String] {
            [
                SampleEvent.typing(of: user), SampleEvent.presence(of: user),
                SampleEvent.receipt(of: user), SampleEvent.toDevice(from: user, to: "@v:\(BorderPolicy.own)"),
                SampleEvent.deviceList(of: user), SampleEvent.signingKey(of: user),
            ]
        }
        try await Border.stand(policy: BorderPolicy.text()) { border in
            let path = "/_matrix/federation/v1/send/t1"
            for edu in edus(Self.user) {
                try await border.expectPasses("PUT", path, Self.transaction([], edus: [edu]))
            }
            for stranger in [BorderPolicy.own, BorderPolicy.reader, BorderPolicy.blocked, "hs.example.de.evil.example"]
            {
                for edu in edus("@u:\(stranger)") {
                    let outcome = try await border.send(Self.transaction([], edus: [edu]))
                    #expect(outcome.response.status == 200 && outcome.seen.isEmpty, "\(edu)")
                    #expect(outcome.record.reason == "edu.subject_mismatch", "\(edu)")
                    #expect(outcome.record.decision == "absorbed")
                }
            }
        }
    }

    @Test(
        "the ids in an answer are the events' real ones", .enabled(if: Shared.isPresent),
        arguments: ["1", "3", "6", "11", "12"])
    func realIDs(version: String) async throws {
        var events: [(id: String, text: String)] = []
        for vector in try Shared.vectors("events") where vector["room_version"] as? String == version {
            let event = try #require(vector["signed_event"])
            let text = try JSONSerialization.data(
                withJSONObject: event, options: [.sortedKeys, .withoutEscapingSlashes])
            events.append((try #require(vector["event_id"] as? String), String(decoding: text, as: UTF8.self)))
        }
        #expect(events.count >= 17)
        try await Border.stand(policy: BorderPolicy.text()) { border in
            let outcome = try await border.send(Self.transaction(events.map(\.text)))
            #expect(outcome.seen.isEmpty && outcome.record.decision == "absorbed")
            let ids = try Self.errors(outcome)
            for event in events { #expect(ids.contains(event.id), "\(event.text)") }
            // No more than the spellings of each event's hash.
            #expect(ids.count <= events.count * 4)
        }
    }
}
