// SPDX-License-Identifier: Apache-2.0

import Audit
import Glibc
import MatrixFederation
import PolicyEngine

// What asking a log again costs: CPU time of this process for each record, and the memory that it takes. Writes a log of a
// million records to the directory that it is told, and reads it three times under each policy.

let states = "AT BE BG HR CY CZ DK EE FI DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split(separator: " ")

func policy(maySend: Bool) -> Policy? {
    var lines = [
        "entente: 1", "policy: { id: cost, serial: 2 }", "self: { state: FR, servers: [agent.example.fr] }",
        "groups: { eu: [\(states.joined(separator: ", "))] }", "tiers:", "  own: { may: [send] }",
        "  eu: { may: [discovery, keys, join\(maySend ? ", send" : ""), history], edu: [receipts, typing] }",
        "  blocked: { may: [] }", "assign: { eu: eu, unknown: blocked }", "servers:",
    ]
    for number in 0..<5000 {
        lines.append("  - { name: s\(number).example.org, state: \(states[number % states.count]) }")
    }
    return try? Policy.compile(Array((lines.joined(separator: "\n") + "\n").utf8), fileName: "cost.yaml")
}

func record(_ number: Int) -> String {
    let server = "s\((number &* 7919) % 5000).example.org"
    let author = "s\((number &* 104_729) % 5000).example.org"
    let hash = String(repeating: "0123456789abcdef", count: 4)
    let second = number % 60
    return #"{"authors":[{"count":3,"domain":"\#(server)"},"#
        + #"{"count":1,"domain":"\#(author)"}],"decision":"allow","destination":{"server":"agent.example.fr","state":"FR"},"#
        + #""direction":"inbound","dur_us":{"total":412},"edus":{"m.receipt":2,"m.typing":1},"endpoint_class":"send","#
        + #""http":{"bytes_in":4711},"kind":"request","method":"PUT","node":"gateway-1.example.fr","#
        + #""origin":{"authenticated":"\#(server)","claimed":"\#(server)","key_id":"ed25519:auto","state":"DE","tier":"eu"},"#
        + #""path_template":"/_matrix/federation/v1/send/{txnId}","pdus":{"forwarded":4,"in":4,"refused":0},"#
        + #""policy":{"mode":"enforce","serial":1,"sha256":"\#(hash)"},"reason_code":"policy.allowed","#
        + #""req_sha256":"\#(hash)","room":"\#(hash.prefix(32))","rule_id":"tiers.eu.may","seq":\#(number),"#
        + #""time":"2026-07-01T09:30:\#(second < 10 ? "0" : "")\#(second).000001Z","#
        + #""tls":{"group":"X25519","suite":"TLS_AES_256_GCM_SHA384","version":"TLSv1.3"},"v":1}"#
}

func cpuNanoseconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

func residentKiB() -> Int {
    var usage = rusage()
    unsafe getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
}

let count = 1_000_000
let directory = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "."
let store = try TreeStore.open(
    FileDisk(directory + "/log"), key: LogKey.generate(name: "benchmark/replay").key)
var bytes = 0
for first in stride(from: 1, through: count, by: 1000) {
    var batch = RecordBatch()
    for number in first..<first + 1000 {
        let text = record(number)
        let key = #","seq":"#
        // The store writes the number.
        guard let place = text.firstRange(of: key + String(number)) else { continue }
        let head = Array(text[..<place.lowerBound].utf8) + key.utf8
        batch.append(head + text[place.upperBound...].utf8, sequenceOffset: head.count)
        bytes += text.utf8.count
    }
    try store.append(batch)
    store.prepare()
}
store.close()

print("\(count) records, \(bytes / count) bytes each")
print("| policy | CPU for a record, µs | 10 million records, s | changes | largest memory, MiB |")
print("|---|---|---|---|---|")
for (name, candidate) in [
    ("nothing changes", policy(maySend: true)), ("everything changes", policy(maySend: false)),
] {
    guard let candidate else {
        print("| \(name) | the policy does not compile |")
        continue
    }
    var costs: [Int] = []
    var changes = 0
    for _ in 0..<3 {
        let began = cpuNanoseconds()
        var replay = PolicyReplay(of: candidate)
        try LogRecords(directory: directory + "/log").read(from: 0) { record, _ in
            _ = replay.take(record)
            return true
        } fault: {
            print("\($0)")
        }
        costs.append(cpuNanoseconds() - began)
        changes = replay.tally.newlyRefused + replay.tally.newlyAllowed
    }
    let each = Double(costs.sorted()[1]) / Double(count) / 1000
    let text = "\((each * 100).rounded() / 100) | \((each * 10).rounded())"
    print("| \(name) | \(text) | \(changes) | \(residentKiB() / 1024) |")
}
