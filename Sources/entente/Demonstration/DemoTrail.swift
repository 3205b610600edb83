// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation

/// Follows the audit log: what was recorded since one last looked.
struct DemoTrail {
    struct Record {
        let sequence: UInt64
        let decision: String
        let reason: String
        let rule: String?
        let explain: String?
    }

    let directory: String
    private var seen: UInt64 = 0

    init(directory: String) throws {
        self.directory = directory
        _ = try look()
    }

    /// The newest record of a request since the last call. Those of strangers follow their answer (decision 6), so that it
    /// is waited for, half a second at most.
    mutating func latest() async throws -> Record? {
        for _ in 0..<50 {
            if let record = try look() { return record }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try look()
    }

    private mutating func look() throws -> Record? {
        var reader = LogReader(directory: directory, from: seen + 1)
        var newest: Record?
        while let entry = try reader.next() {
            seen = entry.sequence
            newest = try Self.decision(entry) ?? newest
        }
        return newest
    }

    private static func decision(_ entry: LogReader.Entry) throws -> Record? {
        let record = try JSONDocument(reading: entry.record)
        func text(_ name: StaticString) -> String? {
            record.member(name, of: record.root).flatMap { record.string($0) }
        }
        guard text("kind") == "request" else { return nil }
        return Record(
            sequence: entry.sequence, decision: text("decision") ?? "?", reason: text("reason_code") ?? "?",
            rule: text("rule_id"), explain: text("explain"))
    }
}
