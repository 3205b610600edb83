// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation

/// What stands in the audit log about one decision.
struct TrailRecord: Sendable {
    let sequence: UInt64
    /// The whole record, canonical JSON.
    let text: String
    let kind: String
    let decision: String?
    let reason: String?
    let rule: String?
    let explain: String?
    let claimed: String?
    let authenticated: String?
    let keyID: String?
    let serial: Int?
    let status: Int?
    let errcode: String?
    let destination: String?
    let pathTemplate: String?

    init(_ entry: LogReader.Entry) throws {
        let object = try JSONSerialization.jsonObject(with: Data(entry.record)) as? [String: Any] ?? [:]
        func member<Value>(_ outer: String, _ inner: String) -> Value? {
            (object[outer] as? [String: Any])?[inner] as? Value
        }
        sequence = entry.sequence
        text = String(decoding: entry.record, as: UTF8.self)
        kind = object["kind"] as? String ?? ""
        decision = object["decision"] as? String
        reason = object["reason_code"] as? String
        rule = object["rule_id"] as? String
        explain = object["explain"] as? String
        claimed = member("origin", "claimed")
        authenticated = member("origin", "authenticated")
        keyID = member("origin", "key_id")
        serial = member("policy", "serial")
        status = member("http", "status")
        errcode = member("http", "errcode")
        destination = member("destination", "server")
        pathTemplate = object["path_template"] as? String
    }

    /// All records of a log, in order.
    static func all(in directory: String) throws -> [TrailRecord] {
        var reader = LogReader(directory: directory)
        var records: [TrailRecord] = []
        while let entry = try reader.next() { records.append(try TrailRecord(entry)) }
        return records
    }
}
