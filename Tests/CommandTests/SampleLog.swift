// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A log as a gateway leaves it, for commands that read one. Its chain is not one: they do not ask for it.
struct SampleLog {
    let directory: TemporaryDirectory

    var path: String { directory.url.path }

    /// - Parameter lines: what stands behind the header, each with its line feed.
    init(_ lines: String) throws {
        directory = try TemporaryDirectory()
        let zeros = String(repeating: "0", count: 64)
        let log = String(repeating: "a", count: 32)
        _ = try directory.file(
            "00000000000000000001.jsonl",
            #"{"segment":{"chain":"\#(zeros)","first":1,"log":"\#(log)","v":1}}"# + "\n" + lines)
    }

    /// A record of a request by a server to one of ours.
    static func line(
        _ sequence: Int, _ decision: String = "allow", _ reason: String = "policy.allowed", from server: String,
        state: String = "NO", tier: String = "other", _ endpointClass: String, rule: String = "tiers.other.may",
        more: String = ""
    ) -> String {
        let zeros = String(repeating: "0", count: 64)
        let record = #"""
            {\#(more)"decision":"\#(decision)","destination":{"server":"matrix.example.fr","state":"FR"},\#
            "direction":"inbound","endpoint_class":"\#(endpointClass)","kind":"request","node":"n",\#
            "origin":{"authenticated":"\#(server)","claimed":"\#(server)","key_id":"ed25519:1","state":"\#(state)",\#
            "tier":"\#(tier)"},"policy":{"mode":"enforce","serial":3,"sha256":"00"},"reason_code":"\#(reason)",\#
            "rule_id":"\#(rule)","seq":\#(sequence),"time":"2026-07-0\#(sequence)T09:30:00.000001Z","v":1}
            """#
        return #"{"batch":0,"chain":"\#(zeros)","record":\#(record)}"# + "\n"
    }
}
