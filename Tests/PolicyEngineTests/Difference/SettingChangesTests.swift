// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("What a difference says of settings that no verdict shows")
struct SettingChangesTests {
    private static func text(_ tier: String, _ top: String = "") -> String {
        """
        entente: 1
        policy: { id: s, serial: 1 }
        self: { state: FR, servers: [ours.example.fr, allied.example.fr] }
        networks: { nato: { listener: l, resolver: r, ca: c, servers: [allied.example.fr] } }
        tiers:
          own: { may: [send, join, media] }
          eu:
            may: [send, join, media, keys]
            edu: [to_device, presence, device_lists]
            \(tier)
          low: { may: [keys] }
        assign: { DE: eu }
        servers:
          - { name: a.example.de, state: DE, keys: { "ed25519:a": "\(VerdictTests.key)" }, connect: { spki: [sha256/Z5p1tBnEd6tYqDnKJ0n2DbV6m1vHX8o1yZLbpm0cX3M=] } }
        \(top)
        """
    }

    static func diff(_ old: String, _ new: String, _ oldTop: String = "", _ newTop: String = "") throws -> PolicyDiff {
        try PolicyDiff(from: .of(text(old, oldTop)), to: .of(text(new, newTop)))
    }

    /// A key of a tier, what it is, and what is narrower.
    static let narrower = [
        ("limits: { requests: 50/s }", "limits: { requests: 20/s }"), ("", "limits: { bytes_out: 1GiB/d }"),
        ("limits: { concurrent: 9 }", "limits: { concurrent: 8 }"),
        ("tls: { min: \"1.2\" }", "tls: { min: \"1.3\" }"), ("", "tls: { profile: bsi-2026 }"),
        ("", "tls: { pins: required }"), ("", "keys: pinned_only"), ("", "client_certificate: required"),
        ("", "verify_pdus: all"), ("audit: standard", "audit: full"), ("", "fold: { device_names: remove }"),
        ("rooms: { min_version: 10 }", "rooms: { min_version: 11 }"),
        ("rooms: { encrypted: required, unknown: alert }", "rooms: { encrypted: required }"),
        ("", "rooms: { encrypted: required, unknown: alert, otherwise: alert }"),
        ("rooms: { other_servers: [own, eu], unknown: alert }", "rooms: { other_servers: [eu], unknown: alert }"),
        ("media: { max: 50MiB }", "media: { max: 10MiB }"),
        ("media: { types: [image/*] }", "media: { types: [image/png] }"), ("", "media: { require_reference: true }"),
        ("media: { max: 1MiB, unknown: alert }", "media: { max: 1MiB }"),
        ("", "to_device: { types: [m.room.encrypted] }"),
        ("", "to_device: { max: 1KiB }"), ("", "users: { refuse_localparts: [\"irc_*\"] }"),
        ("users: { invite_to: [\"@a:b.example\", \"@c:b.example\"] }", "users: { invite_to: [\"@a:b.example\"] }"),
        ("", "encryption: { algorithms: [megolm] }"),
        ("events: { unknown_types: allow }", "events: { unknown_types: alert }"),
        ("", "hours: { zone: UTC, alert_outside: \"Mon-Fri 06:00-22:00\" }"),
        (
            "hours: { zone: UTC, refuse_outside: \"Mon-Fri 06:00-22:00\" }",
            "hours: { zone: UTC, refuse_outside: \"Mon-Fri 07:00-22:00\" }"
        ),
        (
            "labels: { scheme: stanag-4774, ceiling: \"NATO SECRET\" }",
            "labels: { scheme: stanag-4774, ceiling: \"NATO RESTRICTED\" }"
        ),
        ("as_author: redact", ""), ("", "in_room: quarantine"),
        ("shadow: [rooms]\n    rooms: { min_version: 9 }", "rooms: { min_version: 9 }"),
    ]

    @Test("a key that is narrower is tightened, and the way back is loosened", arguments: narrower)
    func directions(wide: String, narrow: String) throws {
        let there = try Self.diff(wide, narrow)
        #expect(there.settings.contains { $0.effect == .tightened }, "\(there.settings)")
        #expect(!there.isLoosened, "\(there.settings) \(there.lines)")
        let back = try Self.diff(narrow, wide)
        #expect(back.settings.contains { $0.effect == .loosened } && !back.isTightened, "\(back.settings)")
        #expect(!(there.settings + back.settings).contains { $0.text.contains("cannot be told") })
    }

    static let untold = [
        ("limits: { requests: 60/min }", "limits: { requests: 2/s }"),
        ("media: { types: [image/png] }", "media: { types: [image/gif] }"),
        (
            "hours: { zone: UTC, refuse_outside: \"Mon 06:00-07:00\" }",
            "hours: { zone: Europe/Paris, refuse_outside: \"Mon 06:00-07:00\" }"
        ),
        (
            "labels: { scheme: stanag-4774, ceiling: \"NATO SECRET\" }",
            "labels: { scheme: eu-2013-488, ceiling: \"EU RESTRICTED\" }"
        ),
    ]

    @Test("what has no direction is loosened both ways, and says so in words", arguments: untold)
    func withoutDirection(one: String, other: String) throws {
        for diff in [try Self.diff(one, other), try Self.diff(other, one)] {
            #expect(
                diff.isLoosened && diff.settings.contains { $0.text.contains("cannot be told whether this loosens") })
        }
    }

    @Test("a server that moves to a tier of the same classes with wider contents is seen")
    func moves() throws {
        let loose = "    rich: { may: [send, join, media, keys], edu: [to_device, presence, device_lists] }"
        let old = Self.text("limits: { requests: 5/s }").replacing("  low:", with: loose.dropFirst(2) + "\n  low:")
        let diff = try PolicyDiff(from: .of(old), to: .of(old.replacing("DE: eu", with: "DE: rich")))
        #expect(diff.lines.isEmpty)
        #expect(
            diff.settings.contains {
                $0.effect == .loosened && $0.text == "eu → rich (a.example.de, DE).limits.requests: 5/s → none"
            }, "\(diff.settings)")
    }

    @Test(
        "networks, requirements, sinks and signatures have their direction",
        arguments: [
            ("audit: { sinks: [{ stdout: true }] }", "", PolicyDiff.Effect.loosened),
            ("", "audit: { sinks: [{ stdout: true }] }", .neutral),
            ("require: [{ country: { in: [DE, FR] } }]", "require: [{ country: { in: [DE] } }]", .tightened),
            ("require: [{ country: { in: [DE] } }]", "require: [{ country: { in: [DE, FR] } }]", .loosened),
            ("", "require: [{ owner_country: { in: [DE] }, except_tier: [eu] }]", .tightened),
        ])
    func tops(old: String, new: String, effect: PolicyDiff.Effect) throws {
        let settings = try Self.diff("", "", old, new).settings
        #expect(settings.first?.effect == effect, "\(settings)")
        #expect(!settings.contains { $0.text.contains("cannot be told") })
    }

    @Test(
        "of the policy's head and networks, too",
        arguments: [
            ("serial: 1", "serial: 1, expires: 2027-01-01", PolicyDiff.Effect.tightened),
            ("serial: 1", "serial: 1, quorum: { need: 2, of: [a, b] }", .tightened),
            ("ca: c,", "ca: other,", .loosened), ("serial: 1", "serial: 1, not_before: 2026-01-01", .tightened),
            ("servers: [allied.example.fr] }", "servers: [allied.example.fr], relayed_over: [internet] }", .loosened),
            ("state: FR,", "state: FR, replay: refuse,", .tightened),
        ])
    func heads(old: String, new: String, effect: PolicyDiff.Effect) throws {
        let text = Self.text("")
        try #require(text.contains(old))
        let changed = text.replacing(old, with: new)
        let there = try PolicyDiff(from: .of(text), to: .of(changed)).settings
        #expect(there.map(\.effect) == [effect], "\(there)")
        let back = try PolicyDiff(from: .of(changed), to: .of(text)).settings
        #expect(
            back.map(\.effect) == [effect == .tightened || new.contains("other") ? .loosened : .tightened], "\(back)")
    }

    // MARK: Dates

    private func dated(_ review: String, _ until: String, _ expires: String, _ end: String) throws -> Policy {
        try .of(
            Self.text(
                "",
                "exceptions: [{ id: x, between: [FR, DE], allow: [knock], until: \(until), reason: r, approved_by: [a] }]"
            )
            .replacing("serial: 1", with: "serial: 1, expires: \(expires)")
            .replacing("state: DE,", with: "state: DE, review_by: \(review), on_overdue: refuse,")
            .replacing("\(VerdictTests.key)\"", with: "\(VerdictTests.key)\", not_after: \(end)"))
    }

    @Test("each date that moved is named with both days: later is loosened, earlier tightened")
    func dates() throws {
        let (early, late) = (
            try dated("2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04"),
            try dated("2027-02-01", "2027-02-02", "2027-02-03", "2027-02-04")
        )
        let there = try PolicyDiff(from: early, to: late)
        #expect(there.time == nil && there.lines.isEmpty && there.settings.allSatisfy { $0.effect == .loosened })
        for day in 1...4 {
            #expect(
                there.settings.contains { $0.text.contains("2027-01-0\(day) → 2027-02-0\(day)") },
                "\(day): \(there.settings)")
        }
        let back = try PolicyDiff(from: late, to: early)
        #expect(back.settings.count == 4 && back.settings.allSatisfy { $0.effect == .tightened })
    }

    @Test("as of a day what is overdue or ended by then counts")
    func asOf() throws {
        let (early, late) = (
            try dated("2027-01-10", "2027-01-20", "2027-06-01", "2027-01-30"),
            try dated("2027-03-10", "2027-03-20", "2027-06-01", "2027-03-30")
        )
        func diff(_ day: String) throws -> PolicyDiff {
            let circumstances = Circumstances(now: try TrustFixture.instant(day + "T00:00:00Z"))
            return try PolicyDiff(from: early.under(circumstances), to: late.under(circumstances))
        }
        #expect(try diff("2027-01-05").lines.isEmpty)
        let overdue = try diff("2027-01-15")
        #expect(overdue.time != nil && overdue.lines.contains { $0.effect == .loosened && $0.items.contains("send") })
        // Whoever is refused for a late review may nothing that an exception would open; new servers of the state may.
        #expect(
            try diff("2027-01-25").lines.contains {
                $0.items.contains("knock") && !$0.subjects.newOnly.isEmpty || $0.items.contains("knock")
            })
        #expect(try diff("2027-02-05").settings.contains { $0.text.contains("pinned keys had ended by then") })
        #expect(try !diff("2027-01-25").settings.contains { $0.text.contains("had ended") })
    }

    // MARK: Lockdowns

    private func lockdown(_ old: String, _ new: String) throws -> PolicyDiff {
        try Self.diff("", "", "lockdown: { \(old) }", "lockdown: { \(new) }")
    }

    @Test("what a prepared lockdown would refuse more or less is told with whom")
    func lockdowns() throws {
        let all = "halt: { refuse: [join, media], max: 24h }"
        let less = try lockdown(all, "halt: { refuse: [join], max: 24h }")
        #expect(less.isLoosened && !less.isTightened && less.lines.isEmpty)
        #expect(
            less.settings.contains {
                $0.text.hasPrefix("lockdown.halt would refuse no longer: media inbound") && $0.text.contains("DE")
            }, "\(less.settings)")
        let more = try lockdown(all, "halt: { refuse: [join, media, send], max: 24h }")
        #expect(more.isTightened && !more.isLoosened && more.settings.contains { $0.text.contains("refuse now: send") })
        let kept = try lockdown(all, "halt: { refuse: [join, media], keep: [eu], max: 24h }")
        #expect(kept.isLoosened && !kept.isTightened && kept.settings.contains { $0.text.contains("join, media") })
        let state = "cut: { argument: state, refuse: [join, media], max: 24h }"
        let narrowed = try lockdown(state, "cut: { argument: state, refuse: [join], max: 24h }")
        #expect(narrowed.settings.contains { $0.text.hasPrefix("lockdown.cut:DE would refuse no longer: media") })
        #expect(try lockdown(all, all).settings.isEmpty)
    }

    @Test(
        "its terms are settings, and a profile that is gone is loosened",
        arguments: [
            ("h: { keep: [own], max: 24h }", "h: { keep: [own], max: 48h }", PolicyDiff.Effect.tightened),
            ("h: { keep: [own], max: 24h }", "h: { keep: [own], max: 24h, tighten_needs: 2 }", .loosened),
            ("h: { keep: [own], max: 24h }", "h: { keep: [own], max: 24h, loosen_needs: 3 }", .tightened),
            ("h: { keep: [own], max: 24h }", "h: { keep: [own], max: 24h, argument: state }", .loosened),
            ("h: { keep: [own], max: 24h }, i: { keep: [own], max: 24h }", "h: { keep: [own], max: 24h }", .loosened),
        ])
    func terms(old: String, new: String, effect: PolicyDiff.Effect) throws {
        #expect(try lockdown(old, new).settings.map(\.effect) == [effect])
        #expect(try lockdown(new, old).settings.map(\.effect) == [effect == .loosened ? .tightened : .loosened])
    }
}
