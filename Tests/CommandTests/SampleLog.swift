// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A copy of a log's newest bundle, for commands that read one. Nobody signed it: they do not ask for that.
struct SampleLog {
    let directory: TemporaryDirectory

    var path: String { directory.url.path }

    /// - Parameter lines: the records, each with a line feed that is not part of it.
    init(_ lines: String) throws {
        directory = try TemporaryDirectory()
        let records = lines.split(separator: "\n")
        let place = directory.url.appending(path: "tile/entries/000.p")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        var bundle = Data()
        for record in records {
            bundle.append(UInt8(record.utf8.count >> 8))
            bundle.append(UInt8(record.utf8.count & 255))
            bundle.append(contentsOf: record.utf8)
        }
        try bundle.write(to: place.appending(path: "\(records.count)"))
    }

    /// A record of a request by a server to one of ours.
    static func line(
        _ sequence: Int, _ decision: String = "allow", _ reason: String = "policy.allowed", from server: String,
        state: String = "NO", tier: String = "other", _ endpointClass: String, rule: String = "tiers.other.may",
        more: String = ""
    ) -> String {
        let record = #"""
            {\#(more)"decision":"\#(decision)","destination":{"server":"matrix.example.fr","state":"FR"},\#
            "direction":"inbound","endpoint_class":"\#(endpointClass)","kind":"request","node":"n",\#
            "origin":{"authenticated":"\#(server)","claimed":"\#(server)","key_id":"ed25519:1","state":"\#(state)",\#
            "tier":"\#(tier)"},"policy":{"mode":"enforce","serial":3,"sha256":"00"},"reason_code":"\#(reason)",\#
            "rule_id":"\#(rule)","seq":\#(sequence),"time":"2026-07-0\#(sequence)T09:30:00.000001Z","v":1}
            """#
        return record + "\n"
    }
}
