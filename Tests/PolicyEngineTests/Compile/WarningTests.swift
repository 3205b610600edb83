// SPDX-License-Identifier: Apache-2.0

import PolicyEngine
import Testing

@Suite("Warnings: what is accepted and probably not meant")
struct WarningTests {
    private func warnings(_ change: (inout String) -> Void) throws -> [String] {
        var text = VerdictTests.text
        change(&text)
        return try Policy.of(text).warnings.map(\.description)
    }

    @Test("a policy that says what it means draws none")
    func none() throws {
        #expect(try warnings { _ in }.isEmpty)
    }

    @Test("a tier that nobody is in")
    func emptyTier() throws {
        #expect(
            try warnings { $0.replace(", tier: reader", with: "") } == [
                "policy.yaml:14:3: no state and no server is in tier `reader`; it has no effect; assign it, or remove it"
            ])
    }

    @Test("a group and a server that nothing assigns a tier")
    func unassigned() throws {
        #expect(
            try warnings { $0.replace("away: watch, ", with: "") } == [
                "policy.yaml:4:45: `assign` gives group `away` no tier; servers of `CH` get the tier of unknown servers, "
                    + "`blocked`; add `away: TIER` under `assign`",
                "policy.yaml:15:3: no state and no server is in tier `watch`; it has no effect; assign it, or remove it",
                "policy.yaml:22:13: no tier is assigned to the state `CH` of `d.example.ch`; it gets the tier of unknown "
                    + "servers, `blocked`; assign its state a tier, or give the server one",
            ])
    }

    @Test("a class that is both allowed and refused")
    func overlap() throws {
        let found = try warnings { $0.replace("profile] }", with: "profile], refuse: [profile] }") }
        #expect(
            found == [
                "policy.yaml:8:59: `profile` is in both `tiers.eu.inbound.may` and `tiers.eu.inbound.refuse`; it is refused; "
                    + "remove it from one of the two"
            ])
    }

    @Test("strangers in tier `own`")
    func ownTier() throws {
        #expect(try warnings { $0.replace("unknown: blocked", with: "unknown: own") }.count == 1)
        #expect(try warnings { $0.replace("shut: blocked", with: "shut: own") }.count == 1)
    }

    @Test("a tier for the own state")
    func ownState() throws {
        #expect(
            try warnings { $0.replace("eu: eu,", with: "eu: eu, FR: watch,") } == [
                "policy.yaml:17:19: `assign` names `FR`, the own state; it has no effect, its servers are in tier `own`; "
                    + "remove the line"
            ])
    }

    @Test("tiers that refuse EDU types, where mixed transactions are withheld")
    func withheld() throws {
        let policy = try Policy.of(VerdictTests.text)
        let found = policy.warningsIfMixedIsWithheld
        #expect(found.map(\.line) == [7, 11, 14])
        #expect(
            found.first?.what.contains("`typing`, `presence`, `to_device`, `device_lists` and `signing_keys`") == true)
    }

    @Test("an exception that changes nothing, and none that does")
    func exception() throws {
        func found(_ changes: String) throws -> [String] {
            try TrustFixture(
                top: """
                    exceptions:
                      - { id: exc-1, between: [FR, "NO"], \(changes), until: 2027-01-15, reason: r, approved_by: [a] }
                    """
            ).policy().warnings.map(\.what)
        }
        #expect(try found("allow: [join], direction: inbound") == ["the exception `exc-1` changes nothing"])
        #expect(try found("refuse: [invite]") == ["the exception `exc-1` changes nothing"])
        #expect(
            try found("allow: [join, invite]") == [
                "the exception `exc-1` opens what tiers refuse to every server of `NO`"
            ])
        #expect(try found("refuse: [join]").isEmpty)
    }

    @Test("sections that judge what the tier may not ask")
    func unreachable() throws {
        func found(_ classes: String, _ lines: String, exceptions: String = "") throws -> [String] {
            let text = ContentPolicy.text([lines]).replacing(
                "    may: [send, join, invite, media]\n    edu: [presence, to_device, device_lists]",
                with: "    may: [\(classes)]\n    edu: []")
            return try Policy.of(text + exceptions).warnings.map(\.what)
        }
        #expect(
            try found("keys, send", "media: { max: 1MiB }") == [
                "`tiers.eu.media.max` is never reached: tier `eu` may not `media`"
            ])
        #expect(try found("keys", "events: { unknown_types: alert }").count == 1)
        #expect(try found("keys, join", "events: { unknown_types: alert }").isEmpty)
        #expect(try found("keys, send", "limits: { keys_claim: 1/s, profiles: 1/s, requests: 1/s }").count == 2)
        #expect(try found("keys, join", "users: { invite_to: [\"@a:own.example.fr\"] }").count == 1)
        let exception = """
            exceptions:
              - { id: e, between: [FR, a.example.de], allow: [media], until: 2027-01-15, reason: r, approved_by: [a] }

            """
        #expect(try found("keys, send", "media: { max: 1MiB }", exceptions: exception).isEmpty)
    }

    @Test(
        "an exception that opens something to a whole state; not one that refuses, names rooms or servers, or is in shadow"
    )
    func wideExceptions() throws {
        func found(_ changes: String, _ other: String = "\"NO\"") throws -> Int {
            try TrustFixture(
                top: """
                    exceptions:
                      - { id: e, between: [FR, \(other)], \(changes), until: 2027-01-15, reason: r, approved_by: [a] }
                    """
            ).policy().warnings.count { $0.what.contains("to every server of `NO`") }
        }
        #expect(try found("allow: [invite]") == 1)
        #expect(try found("allow: [invite]", "oslo.example.no") == 0)
        #expect(try found("refuse: [join]") == 0)
        #expect(try found("allow: [invite], mode: shadow") == 0)
        #expect(try found("allow: [invite], rooms: [\"!a:b.example\"]") == 0)
    }

    @Test("a server without a review where others have one, and two listed names that look alike")
    func servers() throws {
        let fixture = TrustFixture(server: "    review_by: 2027-01-31\n    on_overdue: alert")
        let found = try fixture.policy().warnings.filter { $0.what.contains("`review_by:`") }.map(\.what)
        #expect(found.count == 3 && found.contains("`oslo.example.no` has no `review_by:`, and others have"))
        let text = TrustFixture().text.replacing(
            "  - { name: wien.example.at,",
            with: "  - { name: vvien.example.at, state: AT }\n  - { name: wien.example.at,")
        #expect(
            try Policy.of(text).warnings.map(\.what) == [
                "`wien.example.at` looks like `vvien.example.at`, which is listed, too"
            ])
    }

    @Test("not a group that only `require` names, nor a tier that only `downgrade_to` names")
    func usedElsewhere() throws {
        let fixture = TrustFixture(top: "require:\n  - owner_country: { in: [eu27, more] }\n    except_tier: [eu, eea]")
        let text = fixture.text.replacing("closed: [KP] }", with: "closed: [KP], more: [CH] }")
            .replacing("  eea: {", with: "  low: { may: [keys] }\n  eea: { downgrade_to: low,")
        #expect(try Policy.of(text).warnings.isEmpty)
    }
}
