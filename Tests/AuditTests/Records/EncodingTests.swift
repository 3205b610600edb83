// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Testing

@testable import Audit

@Suite("Audit records as canonical JSON")
struct EncodingTests {
    private func encode(_ record: AuditRecord) -> [UInt8] {
        var encoder = RecordEncoder(node: "gw-1")
        encoder.encode(record)
        return encoder.complete(sequence: 42)
    }

    static func full(_ text: String = "plain") -> AuditRecord {
        var record = AuditRecord(
            time: 1_782_898_200_000_001, direction: .inbound, decision: .partial, reason: .transactionMixed)
        let reference = ReferenceKey(salt: [1]).reference(.room, text)
        record.ruleID = text
        record.explain = text
        record.policy = PolicyStamp(serial: 7, sha256: SHA256.hash([UInt8]()), mode: text)
        record.origin = .init(claimed: text, authenticated: text, keyID: text, state: text, tier: text)
        record.destination = .init(server: text, state: text, tier: text)
        record.authors = [.init(domain: text, count: 2)]
        record.endpoint = EndpointLabel(endpointClass: .send, method: text, pathTemplate: text)
        record.room = reference
        record.pdus = .init(received: 2, forwarded: 1, refused: 1)
        var edus = AuditRecord.EDUCounts()
        edus.typing = 1
        edus.toDevice = 2
        edus.other = 3
        record.edus = edus
        record.refusals = [.init(event: reference, type: text, author: text, reason: .pduAuthorDenied, ruleID: text)]
        record.alerts = [.pduTypeUnknown, .aclChanged]
        record.http = .init(status: 200, errcode: text, bytesIn: 1, bytesOut: 2)
        record.tls = .init(version: text, suite: text, group: text, peerSPKI: SHA256.hash([UInt8]()))
        record.durations = .init(total: 4, auth: 3, policy: 2, upstream: 1)
        record.requestHash = SHA256.hash([UInt8]())
        record.shadow = .init(decision: .refuse, ruleID: text)
        return record
    }

    /// With every member that there is, also those of which one excludes another.
    static func whole() -> AuditRecord {
        var record = full()
        record.network = "ti"
        var edus = AuditRecord.EDUCounts()
        (edus.typing, edus.receipts, edus.presence, edus.toDevice, edus.deviceLists, edus.signingKeys, edus.other) =
            (1, 1, 1, 1, 1, 1, 1)
        record.edus = edus
        record.authors = Array(repeating: .init(domain: String(repeating: "a", count: 1000), count: 1), count: 60)
        record.refusals += Array(
            repeating: .init(type: String(repeating: "t", count: 1000), reason: .pduAuthorDenied), count: 60)
        return record
    }

    /// A full record that names all that a record can name.
    static func named(_ text: String = "plain") -> AuditRecord {
        var record = full(text)
        let reference = ReferenceKey(salt: [1]).reference(.event, text)
        record.refusals[0].otherEvents = [reference]
        var contents = AuditRecord.Contents(level: .full)
        contents.rooms = Array(repeating: reference, count: 60)
        contents.events = Array(repeating: reference, count: 200)
        contents.eventsAsked = [reference]
        contents.eventsAskedOmitted = 1
        (contents.subject, contents.target) = (text, text)
        (contents.subjects, contents.targets) = (Array(repeating: text, count: 60), Array(repeating: text, count: 60))
        contents.media = text
        contents.clear = ClearContents()
        record.contents = contents
        return record
    }

    /// An encoder with keys for the month of `full`.
    static func encoder() throws -> RecordEncoder {
        let keys = LogKeys()
        try keys.pseudonyms.tend(time: full().time)
        let text = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
        let auditor = try #require(SealRecipient(text))
        keys.sealer.take(try keys.sealer.prepare([auditor], time: full().time))
        return RecordEncoder(node: "gw-1", pseudonyms: keys.pseudonyms, sealer: keys.sealer)
    }

    @Test("what a record names is canonical JSON, cut where a list is long, with no name outside of what is sealed")
    func names() throws {
        var encoder = try Self.encoder()
        encoder.encode(Self.named("@who:a.example"))
        let text = String(decoding: encoder.complete(sequence: 42), as: UTF8.self)
        #expect(try JSONDocument(reading: Array(text.utf8)).isCanonical && encoder.failure == nil)
        let omitted = [("events", 72), ("events_asked", 1), ("rooms", 10), ("subjects", 10), ("targets", 10)]
        for (list, count) in omitted { #expect(text.contains("\"\(list)_omitted\":\(count)"), "\(list)") }
        #expect(text.contains(#""sealed":{"box":""#) && text.contains(#""level":"full""#))
        // The control: `full` writes the name wherever a text may stand.
        let members = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        for key in ["subject", "subjects", "target", "targets", "media", "events", "room", "rooms", "sealed"] {
            let value = try #require(members[key], "\(key)")
            if key != "media" { #expect(!"\(value)".contains("@who"), "\(key)") }
        }
        var record = Self.named("@who:a.example")
        record.contents.level = .minimal
        encoder.encode(record)
        let minimal = try #require(
            try JSONSerialization.jsonObject(with: Data(encoder.complete(sequence: 1))) as? [String: Any])
        let kept = Set([
            "room", "rooms", "events", "events_asked", "subject", "subjects", "target", "targets", "sealed",
        ])
        #expect(kept.isDisjoint(with: minimal.keys) && minimal["req_sha256"] == nil)
        #expect(((minimal["refusals"] as? [[String: Any]])?.first)?.keys.contains("event") == false)
        #expect(minimal["decision"] as? String == "partial" && minimal["pdus"] != nil)
    }

    @Test("the longest record with all names and the largest box stays below the limit, and counts what it leaves out")
    func longest() throws {
        var encoder = try Self.encoder()
        let text = String(repeating: "\u{1}\\\"]é", count: 400)
        var record = Self.named(text)
        record.authors = Array(repeating: .init(domain: text, count: 1), count: 100)
        record.refusals = Array(repeating: record.refusals[0], count: 100)
        var clear = ClearContents()
        clear.events = Array(repeating: .init(ids: [text], room: text, sender: text, type: text), count: 60)
        (clear.refused, clear.path) = (clear.events, text)
        record.contents.clear = clear
        encoder.encode(record)
        let bytes = encoder.complete(sequence: .max)
        #expect(bytes.count <= RecordEncoder.recordLimit, "\(bytes.count)")
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""refusals_omitted":"#))
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""sealed":{"#))
    }

    @Test("a full record is written exactly so")
    func golden() throws {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let room = ReferenceKey(salt: [1]).reference(.room, "plain").hex
        let expected =
            #"{"alerts":["pdu.type_unknown","acl.changed"],"authors":[{"count":2,"domain":"plain"}],"decision":"partial","#
            + #""destination":{"server":"plain","state":"plain","tier":"plain"},"direction":"inbound","#
            + #""dur_us":{"auth":3,"policy":2,"total":4,"upstream":1},"#
            + #""edus":{"m.direct_to_device":2,"m.typing":1,"other":3},"endpoint_class":"send","explain":"plain","#
            + #""http":{"bytes_in":1,"bytes_out":2,"errcode":"plain","status":200},"kind":"request","method":"plain","#
            + #""node":"gw-1","origin":{"authenticated":"plain","claimed":"plain","key_id":"plain","#
            + #""state":"plain","tier":"plain"},"path_template":"plain","pdus":{"forwarded":1,"in":2,"refused":1},"#
            + #""policy":{"mode":"plain","serial":7,"sha256":"\#(empty)"},"reason_code":"send.mixed","#
            + #""refusals":[{"author":"plain","event":"\#(room)","reason":"pdu.author_denied","#
            + #""rule_id":"plain","type":"plain"}],"req_sha256":"\#(empty)","room":"\#(room)","rule_id":"plain","#
            + #""seq":42,"shadow":{"decision":"refuse","rule_id":"plain"},"time":"2026-07-01T09:30:00.000001Z","#
            + #""tls":{"group":"plain","peer_spki":"\#(empty)","suite":"plain","version":"plain"},"v":1}"#
        #expect(String(decoding: encode(Self.full()), as: UTF8.self) == expected)
    }

    @Test("records of plain text are canonical JSON to the reader of the core")
    func canonical() throws {
        let minimal = AuditRecord(time: 0, direction: .outbound, decision: .refuse, reason: .originUnknown)
        for record in [Self.full(), minimal] {
            let document = try JSONDocument(reading: encode(record))
            #expect(document.isCanonical)
        }
    }

    @Test("notices and outcomes are canonical JSON")
    func notices() throws {
        let stamp = PolicyStamp(serial: 1, sha256: SHA256.hash([1]), mode: "enforce")
        let disk = StoreFailure.disk(DiskFailure(.write, file: "a", code: 28))
        let notices: [AuditNotice] = [
            .start(build: "0.1.0", policy: stamp, cutBytes: 12), .stop(reason: "terminated"),
            .policyActivated(id: "eu", policy: stamp, previous: stamp),
            .policyActivated(id: "eu", policy: stamp, previous: nil, signedBy: ["officer-a", "officer-b"]),
            .policyExpired(id: "eu", policy: stamp, onExpiry: "own_state_only"),
            .policyDateReached(id: "eu", policy: stamp, rules: ["exceptions.exc-1.until"]),
            .policyRejected(file: "p.yaml", error: "no"),
            .listTaken(name: "ti", version: 7, names: 3, sha256: SHA256.hash([3]), signer: "CN=List"),
            .listTaken(name: "bad", version: nil, names: 3, sha256: SHA256.hash([3]), signer: nil),
            .listRejected(name: "ti", error: "no"),
            .listStale(name: "ti", version: 7, names: 3, sha256: SHA256.hash([3]), refuses: true),
            .certificateReloaded(names: ["a.example", "b.example"], fingerprint: SHA256.hash([2])),
            .unavailable(cause: disk.description, refusedFrom: 9),
            .recovered(since: 5, refused: 3, attempts: 2, passedUnrecorded: 1),
            .passedUnrecorded(since: 5, count: 7),
            .administration(AdministrationNotice(.resume(sink: "file /a"), uid: 1, pid: 2)),
        ]
        var encoder = RecordEncoder(node: "gw-1")
        for notice in notices {
            encoder.encode(notice, at: 1)
            let document = try JSONDocument(reading: encoder.complete(sequence: 1))
            #expect(document.isCanonical, "\(notice)")
        }
        encoder.encode(OutcomeRecord(time: 1, decision: 41, http: .init(status: 200, bytesOut: 5)))
        let text = String(decoding: encoder.complete(sequence: 42), as: UTF8.self)
        #expect(text.contains(#""of_seq":41,"seq":42,"#))
        #expect(try JSONDocument(reading: Array(text.utf8)).isCanonical)
    }

    static let hostile: [String] = [
        "a\r\nforged: line", "\u{1B}[2J\u{1B}]0;title\u{07}", "\u{202E}gnp.exe\u{202C}", "\u{2066}x\u{2069}",
        "\u{200E}\u{200F}\u{061C}",
        "\u{2028}\u{2029}", "\u{0}\u{1}\u{1F}\u{7F}\u{80}\u{9F}\u{FEFF}", #"","decision":"allow","x":""#,
        #"\","seq":1,"#,
        #"CEF:0|a|b\|c=d"#, #"]["x"=""#, "\\u202e \\", "é 漢 🇪🇺", String(repeating: "\u{202E}", count: 400),
        String(repeating: "a", count: 1_000_000), String(repeating: "漢", count: 5000),
    ]

    @Test("AC-89 hostile text comes back as it was or cut, and no byte of the record acts", arguments: hostile)
    func hostileText(text: String) throws {
        let bytes = encode(Self.full(text))
        #expect(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        let raw = String(decoding: bytes, as: UTF8.self)
        #expect(
            !raw.unicodeScalars.contains {
                switch $0.value {
                case 0x80...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
                default: false
                }
            })
        let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let rule = try #require(object["rule_id"] as? String)
        if text.utf8.count <= 150 {
            #expect(rule.unicodeScalars.elementsEqual(text.unicodeScalars))
        } else {
            #expect(rule.hasSuffix("…"))
            #expect(text.unicodeScalars.starts(with: rule.unicodeScalars.dropLast()))
            #expect(rule.utf8.count <= 1024)
            #expect((object["explain"] as? String)?.utf8.count ?? 1024 <= 300)
        }
        #expect(object["decision"] as? String == "partial")
        #expect(object["seq"] as? Int == 42)
        // A second reader, which shares no code with the first.
        let document = try JSONDocument(reading: bytes)
        let node = try #require(document.member("rule_id", of: document.root))
        #expect(document.string(node)?.unicodeScalars.elementsEqual(rule.unicodeScalars) == true)
    }

    @Test("AC-89 bytes that are no UTF-8 are replaced before they come here")
    func invalidUTF8() throws {
        var record = Self.full()
        record.origin.claimed = String(decoding: [0x61, 0xFF, 0xC0, 0x80, 0xED, 0xA0, 0x80] as [UInt8], as: UTF8.self)
        let text = try #require(String(validating: encode(record), as: UTF8.self))
        #expect(text.contains("\"claimed\":\"a\u{FFFD}"))
    }

    @Test("AC-89 no record passes 64 KiB, and what was left out is counted")
    func bounded() throws {
        let text = String(repeating: "\u{202E}", count: 2000)
        var record = Self.full(text)
        record.authors = Array(repeating: .init(domain: text, count: 1), count: 150)
        record.refusals = Array(
            repeating: .init(type: text, author: text, reason: .pduAuthorDenied, ruleID: text), count: 150)
        let bytes = encode(record)
        #expect(bytes.count < 65_536)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        for (list, omitted) in [("authors", "authors_omitted"), ("refusals", "refusals_omitted")] {
            let kept = try #require(object[list] as? [Any]).count
            #expect(kept > 5)
            #expect(object[omitted] as? Int == 150 - kept)
        }
        // Short ones are all kept.
        record = Self.full()
        record.refusals = Array(repeating: record.refusals[0], count: 150)
        let short = try #require(try JSONSerialization.jsonObject(with: Data(encode(record))) as? [String: Any])
        #expect((short["refusals"] as? [Any])?.count == 150)
        #expect(short["refusals_omitted"] == nil)
    }

    @Test("AC-90 a record has no field for a signature, a header, a token, a path, a query or a body")
    func noSecrets() throws {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(encode(Self.full()))) as? [String: Any])
        var keys: [String] = []
        func collect(_ value: Any) {
            if let object = value as? [String: Any] {
                keys += object.keys
                object.values.forEach(collect)
            }
            if let list = value as? [Any] { list.forEach(collect) }
        }
        collect(object)
        #expect(keys.contains("key_id"), "the walk sees nested keys")
        for word in [
            "sig", "auth", "token", "header", "path", "query", "uri", "url", "body", "content", "cookie", "secret",
        ] {
            let found = Set(keys.filter { $0.contains(word) })
            #expect(found.isSubset(of: ["path_template", "authenticated", "author", "authors", "auth"]), "\(word)")
        }
    }

    @Test("references depend on the salt, the kind and the id, and show none of them")
    func references() {
        let key = ReferenceKey(salt: [1, 2, 3])
        let reference = key.reference(.room, "!secret:example.org")
        #expect(reference == key.reference(.room, "!secret:example.org"))
        #expect(reference != key.reference(.event, "!secret:example.org"))
        #expect(reference != key.reference(.room, "!secreT:example.org"))
        #expect(reference != ReferenceKey(salt: [1, 2, 4]).reference(.room, "!secret:example.org"))
        #expect(reference.hex.count == 32)
    }

    @Test("references that a loop makes are the key's, whatever was made before and however long an ID is")
    func maker() {
        let key = ReferenceKey(salt: [1, 2, 3])
        let maker = key.maker()
        for length in [5, 256, 257, 100_000, 0, 256, 3] {
            let id = "!" + String(repeating: "x", count: length)
            for kind in [ReferenceKey.Kind.room, .event] {
                #expect(maker.reference(kind, id) == key.reference(kind, id), "\(length)")
            }
        }
    }
}

@Suite("Times: RFC 3339")
struct RFC3339ClockTests {
    @Test(
        "are written in UTC with microseconds",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"), (.max, "9999-12-31T23:59:59.999999Z"),
            (.min, "0000-01-01T00:00:00.000000Z"), (1_782_898_200_123_456, "2026-07-01T09:30:00.123456Z"),
        ] as [(Int64, String)])
    func text(microseconds: Int64, text: String) {
        var clock = RFC3339Clock()
        clock.set(microseconds: microseconds)
        #expect(String(decoding: clock.text, as: UTF8.self) == text)
    }

    @Test("agree with Foundation on random days")
    func differential() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        var clock = RFC3339Clock()
        for _ in 0..<10_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let second = Int64(state >> 29)
            clock.set(microseconds: second * 1_000_000 + 5)
            let text = Date(timeIntervalSince1970: Double(second)).formatted(.iso8601).dropLast() + ".000005Z"
            #expect(String(decoding: clock.text, as: UTF8.self) == text, "seed \(seed)")
        }
    }
}
