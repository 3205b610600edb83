// SPDX-License-Identifier: Apache-2.0

import Audit
import Glibc
import MatrixFederation
import PolicyEngine

// What the audit log costs by itself: appending records in batches of several sizes, with everything that is made of them,
// then verifying the whole log.

/// Microseconds of CPU of this process and of the wall.
func clocks() -> (cpu: Int64, wall: Int64) {
    var (cpu, wall) = (timespec(), timespec())
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu)
    unsafe clock_gettime(CLOCK_MONOTONIC, &wall)
    func microseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000 }
    return (microseconds(cpu), microseconds(wall))
}

func batch(_ count: Int, bytes: Int) -> RecordBatch {
    var batch = RecordBatch()
    let head =
        Array(#"{"a":""#.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: bytes - 30) + Array(#"","seq":"#.utf8)
    for _ in 0..<count { batch.append(head + Array(#","v":1}"#.utf8), sequenceOffset: head.count) }
    return batch
}

let directory = (CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "/tmp") + "/entente-audit-cost"
let key = try LogKey.generate(name: "benchmark/log").key

func perRecord(_ microseconds: Int64, _ count: Int) -> String {
    let hundredths = microseconds * 100 / Int64(count)
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
}

// What naming a person and sealing what is personal adds to a record.
let keys = LogKeys()
let auditors = [UInt8(1), 2].compactMap { byte -> SealRecipient? in
    var secret = [UInt8](repeating: byte, count: 32)
    return SecretKey(taking: &secret).flatMap { AuditorKey($0)?.recipient }
}
let now = SystemClock.now()
try keys.pseudonyms.tend(time: now)
keys.sealer.take(try keys.sealer.prepare(auditors.sorted(), time: now))
let clear = [UInt8](repeating: UInt8(ascii: "x"), count: 400)
let rounds = 1_000_000
var (names, boxes) = (0, 0)
let beforeNames = clocks()
for _ in 0..<rounds where keys.pseudonyms.reference(.user, "@somebody:matrix.example.org", .allow, time: now) != nil {
    names += 1
}
let beforeBoxes = clocks()
for _ in 0..<rounds where try keys.sealer.seal(clear, .allow) != nil { boxes += 1 }
let afterBoxes = clocks()
print(
    "a name: \(perRecord(beforeBoxes.cpu - beforeNames.cpu, names)) CPU; "
        + "400 bytes sealed: \(perRecord(afterBoxes.cpu - beforeBoxes.cpu, boxes)) CPU")

// What naming an event adds: its ID in any room version, and the reference to that.
let event =
    #"{"auth_events":["$a","$b","$c"],"content":{"algorithm":"m.megolm.v1.aes-sha2","ciphertext":""#
    + String(repeating: "x", count: 400) + #""},"depth":12,"hashes":{"sha256":"x"},"origin_server_ts":1767225600000,"#
    + #""prev_events":["$b"],"room_id":"!r:matrix.example.org","sender":"@somebody:matrix.example.org","#
    + #""signatures":{"matrix.example.org":{"ed25519:1":"x"}},"type":"m.room.encrypted"}"#
let document = try JSONDocument(reading: Array("{\"pdus\":[\(event)]}".utf8))
let server = try ServerName("matrix.example.org")
let transaction = try Transaction(document, origin: server, destination: server)
let references = ReferenceKey(salt: [UInt8](repeating: 1, count: 32)).maker()
var named = 0
let beforeEvents = clocks()
for _ in 0..<rounds {
    for pdu in transaction.pdus { named += references.references(of: pdu, in: document).count }
}
print("an event of \(event.utf8.count) bytes named: \(perRecord(clocks().cpu - beforeEvents.cpu, named)) CPU")

// What finding the events of an answer adds to naming them: once for small answers, then in pieces as a large one comes.
if let shape = Endpoint.backfill.answeredEvents {
    for (events, piece) in [(1, 1 << 16), (1000, 1 << 16), (1000, 1448)] {
        let list = [String](repeating: event, count: events).joined(separator: ",")
        let answer = Array(
            "{\"origin\":\"matrix.example.org\",\"origin_server_ts\":1767225600000,\"pdus\":[\(list)]}".utf8)
        let repetitions = 200_000 / events
        var found = 0
        let before = clocks()
        for _ in 0..<repetitions {
            var reader = AnswerReader(shape)
            for start in stride(from: 0, to: answer.count, by: piece) {
                try reader.read(answer[start..<min(start + piece, answer.count)].span) { _ in found += 1 }
            }
            try reader.end()
        }
        print(
            "an answer of \(events) events, \(piece) bytes at a time: \(perRecord(clocks().cpu - before.cpu, found)) CPU for each"
        )
    }
}

print("records of 1,100 bytes; µs for each; \(directory)")
for (size, count) in [(1, 20_000), (16, 100_000), (64, 200_000), (256, 400_000), (1024, 400_000)] {
    let place = "\(directory)-\(size)"
    let records = batch(size, bytes: 1100)
    let disk = try FileDisk(place)
    let store = try TreeStore.open(disk, key: key)
    let before = clocks()
    for _ in 0..<count / size {
        try store.append(records)
        store.prepare()
    }
    store.close()
    let after = clocks()
    let (cpu, wall) = (after.cpu - before.cpu, after.wall - before.wall)
    print(
        "append, \(size) at a time: \(perRecord(cpu, count)) CPU, \(perRecord(wall, count)) wall, "
            + "\(Int64(count) * 1_000_000 / max(wall, 1)) records/s")
    let start = clocks()
    let outcome = try LogVerifier(LogDirectory(place), key: key.publicKey).run()
    let end = clocks()
    print(
        "verify: \(outcome.verified) records, \(outcome.fault.map { "\($0)" } ?? "no fault"), "
            + "\(perRecord(end.cpu - start.cpu, count)) CPU, "
            + "\(Int64(count) * 1_000_000 / max(end.cpu - start.cpu, 1)) records/s of CPU time")
}
