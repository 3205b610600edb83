// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@testable import Audit

@Suite("Reading a log that somebody wrote to")
struct HostileLogTests {
    /// One segment of bytes.
    private struct Bytes: SegmentFiles {
        var files: [String: [UInt8]]

        func segments() -> [String] { files.keys.sorted() }
        func length(of segment: String) -> Int { files[segment]?.count ?? 0 }
        func read(_ segment: String, from offset: Int, count: Int, into buffer: inout [UInt8]) {
            buffer += (files[segment] ?? []).dropFirst(offset).prefix(count)
        }
    }

    private static let first = "00000000000000000001.jsonl"
    private static let second = "00000000000000000004.jsonl"
    private static let header = ChainHeader(log: [UInt8](repeating: 0x61, count: 32)).line

    private static func line(_ record: String) -> [UInt8] {
        Array(#"{"batch":0,"chain":"\#(String(repeating: "0", count: 64))","record":\#(record)}"#.utf8) + [0x0A]
    }

    private struct Read {
        var records: [String] = []
        var faults: [Int] = []
    }

    private func read(_ files: [String: [UInt8]], from sequence: UInt64 = 0) throws -> Read {
        var read = Read()
        try SegmentRecords(Bytes(files: files)).read(from: sequence) { record, _ in
            var bytes: [UInt8] = []
            for index in record.indices { bytes.append(record[index]) }
            read.records.append(String(decoding: bytes, as: UTF8.self))
            return true
        } fault: {
            read.faults.append($0.offset)
        }
        return read
    }

    @Test("a line that is none is told with its place, and what follows is read")
    func garbage() throws {
        let bytes = Self.header + Self.line(#"{"seq":1}"#) + Array("garbage\n\n".utf8) + Self.line(#"{"seq":2}"#)
        let read = try read([Self.first: bytes])
        let offset = Self.header.count + Self.line(#"{"seq":1}"#).count
        #expect(read.records == [#"{"seq":1}"#, #"{"seq":2}"#] && read.faults == [offset, offset + 8])
    }

    @Test("a line longer than any record's is one fault, however long it is")
    func longLine() throws {
        for length in [65_536, 70_000, 3_000_000] {
            let long = [UInt8](repeating: 0x78, count: length) + [0x0A]
            let read = try read([Self.first: Self.header + long + Self.line(#"{"seq":2}"#)])
            #expect(read.records == [#"{"seq":2}"#] && read.faults == [Self.header.count])
        }
    }

    @Test("zeros and half a line behind the last record are a log that is being written; elsewhere they are faults")
    func tail() throws {
        let whole = Self.header + Self.line(#"{"seq":1}"#)
        for tail in [[UInt8](repeating: 0, count: 2_000_000), Array(#"{"batch":0,"#.utf8), [0, 0, 0x61, 0x0A, 0x61]] {
            let last = try read([Self.first: whole + tail])
            #expect(last.records.count == 1 && last.faults.isEmpty)
            let followed = try read([Self.first: whole + tail, Self.second: whole])
            #expect(followed.records.count == 2 && !followed.faults.isEmpty)
        }
    }

    @Test("segments before the wanted record are left out, and a header that is none is a fault")
    func segments() throws {
        let files = [
            Self.first: Self.header + Self.line(#"{"seq":1}"#),
            Self.second: Array("x\n".utf8) + Self.line(#"{"seq":4}"#),
        ]
        #expect(try read(files, from: 4).records == [#"{"seq":4}"#])
        #expect(try read(files, from: 3).records.count == 2 && read(files).faults == [0])
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
