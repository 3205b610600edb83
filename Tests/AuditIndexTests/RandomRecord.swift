// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A record as a dictionary, made at random; the same for the same numbers.
struct RandomRecord {
    private(set) var members: [String: Any] = [:]

    static let servers = [
        "a.example", "b.example", "=cmd|' /C calc'!A0", "c\u{202E}.example", "d\u{0}e\"\\\u{1B}[2J", "ü.example",
    ]
    static let states = ["NO", "FR", "LU", "DE"]
    static let rules = ["tiers.a.may", "tiers.b.may", "exceptions.x"]
    static let reasons = ["policy.allowed", "endpoint.refused", "pdu.type_refused"]
    static let decisions = ["allow", "partial", "refuse"]
    static let classes = ["send", "join", "history"]
    static let rooms = (0..<4).map { String(repeating: "\($0)f", count: 16) }

    /// Around October and November 2026, not in order.
    init(_ sequence: Int, using dice: inout Dice) {
        func some<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &dice)] }
        func chance() -> Bool { Bool.random(using: &dice) }
        let day = Int.random(in: 10...28, using: &dice)
        var members: [String: Any] = [
            "seq": sequence, "v": 1,
            "time": "2026-\(chance() ? 10 : 11)-\(day)T09:30:\(Int.random(in: 10...59, using: &dice)).000001Z",
        ]
        defer { self.members = members }
        switch Int.random(in: 0..<8, using: &dice) {
        case 0:
            members["kind"] = "log.heartbeat"
            return
        case 1:
            members["kind"] = "outcome"
            members["of_seq"] = max(1, sequence - 1)
            return
        default: members["kind"] = "request"
        }
        members["direction"] = chance() ? "inbound" : "outbound"
        members["decision"] = some(Self.decisions)
        members["reason_code"] = some(Self.reasons)
        if chance() { members["rule_id"] = some(Self.rules) }
        members["endpoint_class"] = some(Self.classes)
        members["method"] = chance() ? "PUT" : "GET"
        members["path_template"] = "/_matrix/federation/v1/" + some(Self.classes)
        var origin: [String: Any] = ["claimed": some(Self.servers)]
        if chance() { origin["authenticated"] = some(Self.servers) }
        if chance() { origin["state"] = some(Self.states) }
        members["origin"] = origin
        if chance() { members["destination"] = ["server": some(Self.servers), "state": some(Self.states)] }
        if chance() { members["room"] = some(Self.rooms) }
        if chance() { members["events"] = [some(Self.rooms), some(Self.rooms)] }
        if chance() { members["events_asked"] = [some(Self.rooms)] }
        if chance() { members["subject"] = some(Self.rooms) }
        if chance() { members["targets"] = [some(Self.rooms), "no reference"] }
        if chance() { members["media"] = ["ref": some(Self.rooms), "type": "image/png", "bytes": 7] as [String: Any] }
        guard chance() else { return }
        members["pdus"] = ["in": 3, "forwarded": Int.random(in: 0...3, using: &dice), "refused": 1]
        members["authors"] = [["domain": some(Self.servers), "count": 2]]
        members["edus"] = ["m.typing": 1, "other": 2]
        members["refusals"] = (0...Int.random(in: 0..<3, using: &dice)).map { _ in
            [
                "event": some(Self.rooms), "type": "m.room.message", "author": some(Self.servers),
                "reason": some(Self.reasons), "rule_id": some(Self.rules),
            ]
        }
    }

    var json: String {
        let bytes = try? JSONSerialization.data(
            withJSONObject: members, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: bytes ?? Data(), as: UTF8.self)
    }

    static func log(_ count: Int, seed: UInt64) -> [RandomRecord] {
        var dice = Dice(seed)
        return (0..<count).map { RandomRecord($0 + 1, using: &dice) }
    }

    var sequence: Int { members["seq"] as? Int ?? 0 }
    var time: String { text("time") ?? "" }
    func text(_ name: String) -> String? { members[name] as? String }
    func inside(_ name: String, _ member: String) -> String? { (members[name] as? [String: Any])?[member] as? String }
    var asker: String? { inside("origin", "authenticated") ?? inside("origin", "claimed") }
    func count(_ name: String, _ member: String) -> Int { (members[name] as? [String: Any])?[member] as? Int ?? 0 }
    func list(_ name: String) -> [String] { members[name] as? [String] ?? [] }
    var refusals: [[String: String]] { members["refusals"] as? [[String: String]] ?? [] }
}

/// SplitMix64: the same numbers for the same seed. Vigna, "splitmix64".
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
