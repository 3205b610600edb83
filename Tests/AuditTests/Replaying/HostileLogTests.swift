// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@testable import Audit

@Suite("Reading a log that somebody wrote to")
struct HostileLogTests {
    private struct Read {
        var records: [String] = []
        var places: [Int] = []
        var faults: [String] = []
    }

    private func read(_ files: [String: [UInt8]], from sequence: UInt64 = 0) throws -> Read {
        var read = Read()
        try LogRecords(FaultyDisk(files)).read(from: sequence) { record, place in
            var bytes: [UInt8] = []
            for index in record.indices { bytes.append(record[index]) }
            read.records.append(String(decoding: bytes, as: UTF8.self))
            read.places.append(place.offset)
            return true
        } fault: {
            read.faults.append($0.file)
        }
        return read
    }

    private func bundle(_ records: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for record in records { EntryBundle.append(Array(record.utf8), to: &bytes) }
        return bytes
    }

    @Test("entries are handed over as they are, with their places, from a copy of bundles alone, too")
    func bundles() throws {
        let path = "tile/entries/000.p/3"
        let read = try read([path: bundle(["a", "", "ccc"])])
        #expect(read.records == ["a", "", "ccc"] && read.places == [2, 5, 7] && read.faults.isEmpty)
        #expect(try self.read([path: bundle(["a", "b", "c"])], from: 3).records == ["c"])
    }

    @Test("a bundle that is none, and a journal that is none, are faults and end the reading")
    func broken() throws {
        let whole = bundle(Array(repeating: "x", count: 256))
        for bad in [Array(whole.dropLast()), whole + [0], whole + whole, [1], Array(repeating: 0xFF, count: 70_000)] {
            let read = try read(["tile/entries/000": whole, "tile/entries/001": bad])
            #expect(read.records.count == 256 && read.faults == ["tile/entries/001"])
        }
        let journal = "journal.00000000000000000256"
        let read = try read(["tile/entries/000": whole, journal: Array("entente journal 1\n".utf8)])
        #expect(read.records.count == 256 && read.faults == [journal])
    }

    @Test("texts of a log and kinds of changes have a limit, so that a log cannot fill the memory")
    func manyTexts() throws {
        let policy = try Policy.compile(
            Array(
                """
                entente: 1
                policy: { id: p, serial: 1 }
                self: { state: FR, servers: [a.example.fr] }
                tiers: { own: { may: [send] } }
                """.utf8), fileName: "p.yaml")
        var replay = PolicyReplay(of: policy)
        for sequence in 1...25_000 {
            let record = """
                {"decision":"allow","direction":"inbound","endpoint_class":"send","kind":"request",\
                "origin":{"authenticated":"s\(sequence).example.org","state":"S\(sequence)","tier":"t\(sequence)"},\
                "destination":{"server":"a.example.fr"},"reason_code":"policy.allowed","rule_id":"r\(sequence)",\
                "seq":\(sequence),"time":"2026-07-01T09:30:00.000001Z"}
                """
            let isRecord = replay.take(Array(record.utf8).span)
            #expect(isRecord)
        }
        let tally = replay.tally
        #expect(tally.newlyRefused == 25_000 && tally.changes.count <= 10_000)
    }

    @Test("an unknown reason, a server of ours that the policy has not, and a name that is none are gaps")
    func gaps() throws {
        var dice = Dice(1)
        var replay = PolicyReplay(of: try RecordedWorld.policy(using: &dice))
        func record(_ origin: String, _ own: String, _ reason: String, _ sequence: Int) -> [UInt8] {
            Array(
                #"{"decision":"allow","destination":{"server":"\#(own)"},"direction":"inbound","endpoint_class":"join","#
                    .utf8)
                + Array(#""kind":"request","origin":{"claimed":"\#(origin)"},"reason_code":"\#(reason)","#.utf8)
                + Array(#""seq":\#(sequence),"time":"2026-07-01T09:30:00.000001Z","v":1}"#.utf8)
        }
        let records = [
            record("s1.example.net", "a.example.fr", "from.tomorrow", 1),
            record("s1.example.net", "other.example.fr", "policy.allowed", 2),
            record(#"\u001b[2J"#, "a.example.fr", "policy.allowed", 3),
        ]
        for bytes in records {
            let isRecord = replay.take(bytes.span)
            #expect(isRecord)
        }
        #expect(Set(replay.tally.gaps.keys) == [.reason, .ownServer, .name] && replay.tally.partlyUnanswered == 3)
    }

    @Test(
        "what is no record is not taken for one",
        arguments: [
            "", "{}", "[]", #"{"seq":1}"#, #"{"seq":1,"time":"2026-07-01T09:30:00.000001Z""#,
            #"{"seq":1,"time":"2026-07-01T09:30:00.000001Z"}x"#, #"{"seq":0,"time":"2026-07-01T09:30:00.000001Z"}"#,
            #"{"kind":"request","seq":1,"time":"2026-07-01T09:30:00.000001Z"}"#,
            #"{"seq":1,"time":"2026-13-01T09:30:00.000001Z"}"#, #"{"seq":99999999999999999999,"time":"x"}"#,
            #"{"origin":1,"seq":1,"time":"2026-07-01T09:30:00.000001Z"}"#,
        ])
    func noRecord(text: String) throws {
        var dice = Dice(1)
        var replay = PolicyReplay(of: try RecordedWorld.policy(using: &dice))
        let bytes = Array(text.utf8)
        let isRecord = replay.take(bytes.span)
        #expect(!isRecord && replay.tally.records == 0)
    }
}
