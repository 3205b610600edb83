// SPDX-License-Identifier: Apache-2.0

import Audit
import Glibc

// Writes the log of a year: servers of 27 states and one of ours, both directions, one request in twelve refused.
//
//     YearLog DIRECTORY RECORDS

let states = "AT BE BG HR CY CZ DK EE FI DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE NO".split(separator: " ")
    .map(String.init)
let classes = ["send", "send", "send", "send", "profile", "history", "devices", "join", "invite", "media"]
let hash = String(repeating: "0123456789abcdef", count: 4)
let year: Int64 = 31_536_000_000_000
let begin: Int64 = 1_767_225_600_000_000  // 2026-01-01

func mixed(_ number: Int) -> Int {
    let spread = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: spread >> 20)
}

/// All of it but the number, which the store writes, and what comes before it.
func record(_ number: Int, of count: Int) -> (head: String, tail: String) {
    let dice = mixed(number)
    let server = dice % 500
    let state = states[server % states.count]
    let peer = "matrix\(server).\(state.lowercased()).example"
    let isInbound = dice % 5 < 3
    let isRefused = dice % 12 == 0
    let endpoint = classes[dice / 7 % classes.count]
    let home = (name: "matrix.fr.example", state: "FR", tier: "own")
    let other = (name: peer, state: state, tier: "eu27")
    let (asks, asked) = isInbound ? (other, home) : (home, other)
    let room = String(hash.dropFirst(dice % 30).prefix(28)) + String(1000 + dice % 4096)
    let time = AuditTime.text(microseconds: begin + year / Int64(count) * Int64(number))
    let rule = isRefused ? "tiers.eu27.refuse" : "tiers.eu27.may"
    let head =
        #"{"authors":[{"count":1,"domain":"\#(asks.name)"}],"decision":"\#(isRefused ? "refuse" : "allow")","#
        + #""destination":{"server":"\#(asked.name)","state":"\#(asked.state)","tier":"\#(asked.tier)"},"#
        + #""direction":"\#(isInbound ? "inbound" : "outbound")","dur_us":{"total":412},"endpoint_class":"\#(endpoint)","#
        + #""http":{"bytes_in":4711},"kind":"request","method":"PUT","node":"gateway-1.example","#
        + #""origin":{"authenticated":"\#(asks.name)","claimed":"\#(asks.name)","key_id":"ed25519:auto","#
        + #""state":"\#(asks.state)","tier":"\#(asks.tier)"},"#
        + #""path_template":"/_matrix/federation/v1/send/{txnId}","pdus":{"forwarded":1,"in":1,"refused":0},"#
        + #""policy":{"mode":"enforce","serial":1,"sha256":"\#(hash)"},"#
        + #""reason_code":"\#(isRefused ? "endpoint.refused" : "policy.allowed")","#
        + #""req_sha256":"\#(hash)","room":"\#(room)","rule_id":"\#(rule)","seq":"#
    return (head, #","time":"\#(time)","tls":{"suite":"TLS_AES_256_GCM_SHA384","version":"TLSv1.3"},"v":1}"#)
}

guard CommandLine.arguments.count == 3, let count = Int(CommandLine.arguments[2]) else {
    print("usage: YearLog DIRECTORY RECORDS")
    exit(2)
}
let key = try LogKey.generate(name: "benchmark/year").key
let store = try TreeStore.open(FileDisk(CommandLine.arguments[1]), key: key)
for first in stride(from: 1, through: count, by: 1000) {
    var batch = RecordBatch()
    for number in first..<min(first + 1000, count + 1) {
        let (head, tail) = record(number, of: count)
        batch.append(Array(head.utf8) + tail.utf8, sequenceOffset: head.utf8.count)
    }
    try store.append(batch)
    store.prepare()
}
store.close()
