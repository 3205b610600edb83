// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine

@testable import Audit

/// Policies and requests made by dice, and the records that a gateway under such a policy would leave.
struct RecordedWorld {
    struct Request {
        var direction = Direction.inbound
        var own: ServerName
        var other: ServerName
        var endpointClass: EndpointClass
        var room: String?
        var authors: [ServerName] = []
        var edus: [EDUKind] = []
    }

    static let salt = [UInt8](repeating: 7, count: 32)
    static let names = (0..<8).map { "s\($0).example.net" } + ["stranger.example", "S1.example.net", "192.0.2.7"]
    static let rooms = ["!a:example.fr", "!b:example.fr", "!c:example.fr"]
    static let kinds: [EDUKind] = [.typing, .receipts, .presence, .toDevice, .deviceLists, .signingKeys]
    static let states = ["DE", "IT", "NO", "CH"]

    static func policy(using dice: inout some RandomNumberGenerator) throws -> Policy {
        func some<T>(_ all: [T], _ text: (T) -> String) -> String {
            "[" + all.filter { _ in Bool.random(using: &dice) }.map(text).joined(separator: ", ") + "]"
        }
        func classes() -> String { some(EndpointClass.allCases) { $0.rawValue } }
        var lines = [
            "entente: 1", "policy: { id: dice, serial: 1 }",
            "self: { state: FR, servers: [a.example.fr, b.example.fr] }", "tiers:", "  own: { may: \(classes()) }",
        ]
        for tier in ["one", "two"] {
            lines.append(
                "  \(tier): { inbound: { may: \(classes()) }, outbound: { may: \(classes()) }, "
                    + "edu: \(some(EDUType.allCases) { $0.rawValue }) }")
        }
        lines += ["  blocked: { may: [] }", "assign:"]
        // No exception may lift `blocked`, and the first three have some.
        for (index, state) in states.enumerated() {
            let tiers = index < 3 ? ["one", "two"] : ["one", "blocked"]
            lines.append("  \(state): \(tiers.randomElement(using: &dice) ?? "")")
        }
        lines.append("  unknown: \(Bool.random(using: &dice) ? "blocked" : "one")")
        lines.append("servers:")
        for (index, name) in names.prefix(8).enumerated() {
            let review = Bool.random(using: &dice) ? ", review_by: 2026-0\(1 + index)-15, on_overdue: refuse" : ""
            lines.append("  - { name: \(name), state: \(states[index % states.count])\(review) }")
        }
        lines.append("exceptions:")
        for index in 0..<3 {
            let verb = Bool.random(using: &dice) ? "allow" : "refuse"
            let rooms = index == 0 ? "\"\(Self.rooms[0])\"" : "\"\(Self.rooms[1])\", \"\(Self.rooms[2])\""
            lines.append(
                "  - { id: e\(index), between: [a.example.fr, s\(index).example.net], \(verb): [join, invite, history], "
                    + "\(index == 2 ? "" : "rooms: [\(rooms)], ")until: 2026-0\(3 + index)-01, reason: dice, "
                    + "approved_by: [officer-a] }")
        }
        return try Policy.compile(Array((lines.joined(separator: "\n") + "\n").utf8), fileName: "dice.yaml")
    }

    static func request(using dice: inout some RandomNumberGenerator) throws -> Request {
        let own = try ServerName(["a.example.fr", "b.example.fr"].randomElement(using: &dice) ?? "")
        let other = try ServerName(names.randomElement(using: &dice) ?? "")
        var request = Request(
            direction: Direction.allCases.randomElement(using: &dice) ?? .inbound, own: own, other: other,
            endpointClass: Bool.random(using: &dice)
                ? .send : EndpointClass.allCases.randomElement(using: &dice) ?? .send)
        if request.endpointClass == .send {
            for _ in 0..<Int.random(in: 0..<4, using: &dice) {
                request.authors.append(try ServerName(names.randomElement(using: &dice) ?? ""))
            }
            for _ in 0..<Int.random(in: 0..<4, using: &dice) {
                request.edus.append(kinds.randomElement(using: &dice) ?? .typing)
            }
        } else if request.endpointClass.namesRoom {
            request.room = (rooms + ["!else:example.fr"]).randomElement(using: &dice)
        }
        return request
    }

    /// What a policy says of the parts of a request: the class, and if that may pass each author and each EDU.
    struct Answers: Equatable {
        var whole: Bool
        var authors: [Bool] = []
        var edus: [Bool] = []
    }

    static func question(_ request: Request, at time: Timestamp) -> PolicyQuestion {
        var question = PolicyQuestion(
            direction: request.direction, own: request.own, peer: request.other, endpointClass: request.endpointClass)
        question.room = request.room
        question.time = time
        return question
    }

    static func answers(_ request: Request, at time: Timestamp, _ policy: Policy) -> Answers {
        let question = question(request, at: time)
        var answers = Answers(whole: policy.answer(question).isAllowed)
        guard answers.whole, request.endpointClass == .send else { return answers }
        for author in request.authors {
            var asked = question
            asked.author = author
            answers.authors.append(policy.answer(asked).isAllowed)
        }
        for edu in request.edus {
            var asked = question
            asked.edu = edu
            answers.edus.append(policy.answer(asked).isAllowed)
        }
        return answers
    }

    /// The record that the gateway leaves of it.
    static func record(_ request: Request, at time: Timestamp, _ policy: Policy) -> AuditRecord {
        let question = question(request, at: time)
        let verdict = policy.answer(question)
        let direction: AuditRecord.Direction = request.direction == .inbound ? .inbound : .outbound
        var record = AuditRecord(
            time: time.milliseconds * 1000, direction: direction, decision: verdict.isAllowed ? .allow : .refuse,
            reason: verdict.reason)
        record.ruleID = verdict.rule?.id
        record.policy = PolicyStamp(serial: policy.serial, sha256: policy.sha256, mode: policy.mode.rawValue)
        let (origin, destination) =
            request.direction == .inbound ? (request.other, request.own) : (request.own, request.other)
        record.origin = AuditRecord.Origin(claimed: origin.text, authenticated: origin.text, keyID: "ed25519:a")
        record.destination = AuditRecord.Destination(server: destination.text)
        record.endpoint = EndpointLabel(endpointClass: request.endpointClass, method: "PUT", pathTemplate: "/")
        record.room = request.room.map { ReferenceKey(salt: salt).reference(.room, $0) }
        guard verdict.isAllowed, request.endpointClass == .send else { return record }
        for author in request.authors {
            var asked = question
            asked.author = author
            let verdict = policy.answer(asked)
            if !verdict.isAllowed {
                record.refusals.append(
                    AuditRecord.Refusal(
                        type: "m.room.message", author: author.text, reason: verdict.reason, ruleID: verdict.rule?.id))
            }
            if let index = record.authors.firstIndex(where: { $0.domain == author.text }) {
                record.authors[index].count += 1
            } else {
                record.authors.append(AuditRecord.Author(domain: author.text, count: 1))
            }
        }
        var counts = AuditRecord.EDUCounts()
        for edu in request.edus {
            var asked = question
            asked.edu = edu
            let verdict = policy.answer(asked)
            if !verdict.isAllowed {
                record.refusals.append(
                    AuditRecord.Refusal(type: edu.name, reason: verdict.reason, ruleID: verdict.rule?.id))
            }
            switch edu {
            case .typing: counts.typing += 1
            case .receipts: counts.receipts += 1
            case .presence: counts.presence += 1
            case .toDevice: counts.toDevice += 1
            case .deviceLists: counts.deviceLists += 1
            case .signingKeys: counts.signingKeys += 1
            case .unknown: counts.other += 1
            }
        }
        record.edus = counts
        if !record.refusals.isEmpty {
            record.decision = .refuse
            record.reason = .transactionMixed
        }
        return record
    }

    static func bytes(_ record: AuditRecord, _ sequence: Int) -> [UInt8] {
        var encoder = RecordEncoder(node: "test")
        encoder.encode(record)
        return encoder.complete(sequence: UInt64(sequence))
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
