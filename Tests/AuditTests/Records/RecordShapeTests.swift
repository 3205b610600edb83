// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import TestKit
import Testing

@testable import Audit

@Suite("The JSON Schema of records")
struct RecordShapeTests {
    /// One record of each kind with every member, and one with as few as there can be.
    static func specimens() throws -> [[UInt8]] {
        var encoder = try EncodingTests.encoder()
        var records: [[UInt8]] = []
        for record in [
            EncodingTests.whole(), EncodingTests.named(),
            AuditRecord(time: 0, direction: .outbound, decision: .refuse, reason: .originUnknown),
        ] {
            encoder.encode(record)
            records.append(encoder.complete(sequence: 7))
        }
        for outcome in [
            OutcomeRecord(
                time: 1, decision: 41, http: .init(status: 200, errcode: "M", bytesIn: 1, bytesOut: 5),
                reason: .peerLeft, ruleID: "r",
                durations: .init(total: 1, auth: 1, policy: 1, upstream: 1), answered: answered(700),
                media: PassedMedia(type: "image/png", bytes: 7)),
            OutcomeRecord(
                time: 1, decision: 41, http: .init(), answered: AnsweredEvents(),
                media: PassedMedia(type: nil, bytes: 0)),
            OutcomeRecord(time: 1, decision: 41, http: .init()),
        ] {
            encoder.encode(outcome)
            records.append(encoder.complete(sequence: 8))
        }
        let moment = AggregatedRecord.Moment(time: 1, requestHash: SHA256.hash([1]))
        for aggregated in [
            AggregatedRecord(
                count: 9, reason: .originUnknown,
                policy: PolicyStamp(serial: 1, sha256: SHA256.hash([1]), mode: "enforce"),
                source: "192.0.2.0/24", claimed: "a.example", state: "FR", tier: "eu", first: moment, last: moment),
            AggregatedRecord(
                count: 1, reason: .tlsRefused, policy: nil, source: nil, claimed: nil, state: nil, tier: nil,
                first: .init(time: 1, requestHash: nil), last: .init(time: 1, requestHash: nil)),
        ] {
            encoder.encode(aggregated, at: 1)
            records.append(encoder.complete(sequence: 8))
        }
        for notice in try NoticeSpecimens.all() {
            encoder.encode(notice, at: 1)
            records.append(encoder.complete(sequence: 9))
        }
        return records
    }

    /// So many events, and half as many that are named, of which not all have room.
    static func answered(_ count: Int) -> AnsweredEvents {
        var answered = AnsweredEvents()
        (answered.events, answered.ids) = (count, count / 2)
        let key = ReferenceKey(salt: [1])
        answered.references = (0..<600).map { key.reference(.event, "$\($0)") }
        answered.named = (0..<count / 2).map { key.reference(.event, "$n\($0)") }
        return answered
    }

    @Test("an outcome names as many events as have room, counts the rest, and stays within a record")
    func answeredEvents() throws {
        var encoder = try EncodingTests.encoder()
        encoder.encode(OutcomeRecord(time: 1, decision: 1, http: .init(), answered: Self.answered(700)))
        let record = encoder.complete(sequence: 9)
        #expect(record.count < RecordEncoder.recordLimit / 2)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(record)) as? [String: Any])
        #expect((object["events"] as? [String])?.count == 600)
        #expect((object["events_named"] as? [String])?.count == 40)
        #expect(object["events_omitted"] as? Int == 310)
        #expect(object["answered"] as? [String: Int] == ["events": 700, "ids": 350])
    }

    @Test("takes a record of each kind, with every member and with as few as there can be")
    func fits() throws {
        let schema = try SchemaCheck()
        for record in try Self.specimens() {
            #expect(schema.faults(of: record) == [], "\(String(decoding: record, as: UTF8.self))")
            #expect(try JSONDocument(reading: record).isCanonical, "\(String(decoding: record, as: UTF8.self))")
        }
    }

    @Test("names no kind and no member that the encoder does not write")
    func exact() throws {
        var written: Set<String> = []
        func collect(_ value: Any, _ place: String) {
            written.insert(place)
            for (name, inner) in value as? [String: Any] ?? [:] { collect(inner, "\(place).\(name)") }
            for inner in value as? [Any] ?? [] { collect(inner, "\(place)[]") }
        }
        for record in try Self.specimens() {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(record)) as? [String: Any])
            collect(object, try #require(object["kind"] as? String))
        }
        var named: Set<String> = []
        func collect(_ value: RecordShape.Value, _ place: String) {
            named.insert(place)
            switch value {
            case .object(let members): for member in members { collect(member.value, "\(place).\(member.name)") }
            case .list(let element, _): collect(element, "\(place)[]")
            default: break
            }
        }
        for shape in RecordShape.all {
            collect(.object(shape.members), shape.kind)
            named.formUnion(["\(shape.kind).kind", "\(shape.kind).v"])
        }
        #expect(named.subtracting(written) == [], "write a specimen with it")
        #expect(written.subtracting(named) == [], "add it to `RecordShape`")
    }

    @Test("is in docs/audit.md with every kind")
    func documented() throws {
        let text = try String(contentsOf: Shared.projectRoot.appending(path: "docs/audit.md"), encoding: .utf8)
        for shape in RecordShape.all { #expect(text.contains("`\(shape.kind)`"), "\(shape.kind)") }
    }

    @Test(
        "refuses what no record has",
        arguments: [
            (#""v":1"#, #""v":2"#), (#""kind":"request""#, #""kind":"guess""#), (#""seq":7"#, #""seq":-7"#),
            (#""seq":7"#, #""seq":7.5"#), (#""seq":7"#, #""seq":"7""#), (#""seq":7,"#, ""),
            (#""v":1"#, #""v":1,"x":1"#),
            (#""decision":"partial""#, #""decision":"perhaps""#), (#""time":"2026-"#, #""time":"26-"#),
            (#""http":{"#, #""http":{"body":"x","#), (#""method":"plain""#, #""method":["plain"]"#),
        ])
    func refused(old: String, new: String) throws {
        let schema = try SchemaCheck()
        let record = String(decoding: try #require(try Self.specimens().first), as: UTF8.self)
        #expect(schema.faults(of: Array(record.utf8)) == [])
        let changed = record.replacing(old, with: new)
        try #require(changed != record)
        #expect(schema.faults(of: Array(changed.utf8)) != [])
    }
}
