// SPDX-License-Identifier: Apache-2.0

import Audit
import Glibc

// Writes the log of a year: servers of 27 states and one of ours, both directions, one request in twelve refused. Each names a
// room, an event of its own and one of 50,000 users. Says what appending cost, the making of these records aside.
//
//     YearLog DIRECTORY RECORDS

let states = "AT BE BG HR CY CZ DK EE FI DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE NO".split(separator: " ")
    .map(String.init)
let classes = ["send", "send", "send", "send", "profile", "history", "devices", "join", "invite", "media"]
let servers = (0..<500).map { server -> (name: String, state: String) in
    let state = states[server % states.count]
    return ("matrix\(server).\(state.lowercased()).example", state)
}
let hash = String(repeating: "0123456789abcdef", count: 4)
let year: Int64 = 31_536_000_000_000
let begin: Int64 = 1_767_225_600_000_000  // 2026-01-01

/// SplitMix64's last step. Vigna, "splitmix64".
func mixed(_ number: Int, _ salt: UInt64) -> UInt64 {
    var value = (UInt64(truncatingIfNeeded: number) &+ salt) &* 0x9E37_79B9_7F4A_7C15
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
}

/// 32 hexadecimal digits.
func append(reference number: Int, _ salt: UInt64, to bytes: inout [UInt8]) {
    for half in [mixed(number, salt), mixed(number, salt + 1)] {
        for shift in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * shift)) & 15
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }
}

/// Appends all of it but the number, which the store writes. Returns where that goes.
func append(_ number: Int, of count: Int, to bytes: inout [UInt8]) -> Int {
    func add(_ texts: String...) { for text in texts { bytes.append(contentsOf: text.utf8) } }
    let dice = Int(truncatingIfNeeded: mixed(number, 0) >> 20)
    let other = servers[dice % servers.count]
    let isInbound = dice % 5 < 3
    let isRefused = dice % 12 == 0
    let home = (name: "matrix.fr.example", state: "FR")
    let (asks, asked) = isInbound ? (other, home) : (home, other)
    let (ours, theirs) = ("own", "eu27")
    let rule = isRefused ? "tiers.eu27.refuse" : "tiers.eu27.may"
    let start = bytes.count
    add(#"{"authors":[{"count":1,"domain":""#, asks.name, #""}],"decision":""#, isRefused ? "refuse" : "allow")
    add(#"","destination":{"server":""#, asked.name, #"","state":""#, asked.state, #"","tier":""#)
    add(isInbound ? ours : theirs, #""},"direction":""#, isInbound ? "inbound" : "outbound")
    add(#"","dur_us":{"total":412},"endpoint_class":""#, classes[dice / 7 % classes.count], #"","events":[""#)
    append(reference: number, 1 << 40, to: &bytes)
    add(#""],"http":{"bytes_in":4711},"kind":"request","method":"PUT","node":"gateway-1.example","#)
    add(#""origin":{"authenticated":""#, asks.name, #"","claimed":""#, asks.name, #"","key_id":"ed25519:auto","#)
    add(#""state":""#, asks.state, #"","tier":""#, isInbound ? theirs : ours)
    add(#""},"path_template":"/_matrix/federation/v1/send/{txnId}","pdus":{"forwarded":1,"in":1,"refused":0},"#)
    add(#""policy":{"mode":"enforce","serial":1,"sha256":""#, hash, #""},"reason_code":""#)
    add(isRefused ? "endpoint.refused" : "policy.allowed", #"","req_sha256":""#, hash, #"","room":""#)
    append(reference: dice % 4096, 1 << 41, to: &bytes)
    add(#"","rule_id":""#, rule, #"","seq":"#)
    let offset = bytes.count - start
    add(#","subject":""#)
    append(reference: dice % 50_000, 1 << 42, to: &bytes)
    add(#"","time":""#, AuditTime.text(microseconds: begin + year / Int64(count) * Int64(number)))
    add(#"","tls":{"suite":"TLS_AES_256_GCM_SHA384","version":"TLSv1.3"},"v":1}"#)
    return offset
}

/// Microseconds of CPU of this process and of the wall.
func clocks() -> (cpu: Int64, wall: Int64) {
    var (cpu, wall) = (timespec(), timespec())
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu)
    unsafe clock_gettime(CLOCK_MONOTONIC, &wall)
    func microseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000 }
    return (microseconds(cpu), microseconds(wall))
}

struct Spent {
    private(set) var cpu: Int64 = 0
    private(set) var wall: Int64 = 0

    mutating func count(_ work: () throws -> Void) rethrows {
        let before = clocks()
        try work()
        let after = clocks()
        (cpu, wall) = (cpu + after.cpu - before.cpu, wall + after.wall - before.wall)
    }
}

guard CommandLine.arguments.count == 3, let count = Int(CommandLine.arguments[2]), count > 0 else {
    print("usage: YearLog DIRECTORY RECORDS")
    exit(2)
}
let key = try LogKey.generate(name: "benchmark/year").key
let store = try TreeStore.open(FileDisk(CommandLine.arguments[1]), key: key)
var spent = Spent()
var written = 0
for first in stride(from: 1, through: count, by: 1000) {
    var batch = RecordBatch()
    for number in first..<min(first + 1000, count + 1) {
        var record: [UInt8] = []
        record.reserveCapacity(1024)
        let offset = append(number, of: count, to: &record)
        batch.append(record, sequenceOffset: offset)
        written += record.count
    }
    try spent.count {
        try store.append(batch)
        store.prepare()
    }
}
spent.count { store.close() }
print(
    "appended by one writer, 1,000 at a time, \(written / count) bytes each: \(spent.cpu * 1000 / Int64(count)) ns CPU, "
        + "\(spent.wall * 1000 / Int64(count)) ns wall, \(Int64(count) * 1_000_000 / max(spent.wall, 1)) records/s")
// What one of them names: event, room, user.
let dice = Int(truncatingIfNeeded: mixed(count / 2, 0) >> 20)
let names = [(count / 2, 40), (dice % 4096, 41), (dice % 50_000, 42)].map { number, salt in
    var text: [UInt8] = []
    append(reference: number, 1 << UInt64(salt), to: &text)
    return String(decoding: text, as: UTF8.self)
}
print("names", names.joined(separator: " "))
