// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Testing

@Suite("The compiled policy agrees with an obvious evaluator")
struct DifferentialTests {
    /// Pairs of a policy and a request. `ENTENTE_PAIRS=1000000` asks for more.
    static let pairs = Int(ProcessInfo.processInfo.environment["ENTENTE_PAIRS"] ?? "") ?? 150_000
    static let questionsEach = 500

    static let strangers = [
        "stranger.example.org", "x.s1.example.net", "S1.example.net", "s2.example.net:8448", "s3.examp1e.net",
        "xn--bcher-kva.example", "192.0.2.7", "l0.example.net", "l1.example.net", "l2.example.net",
        "a.land.example.net",
        "b.land.example.net", "a.deep.land.example.net", "land.example.net", "deep.land.example.net",
    ]

    @Test("on random policies and random requests, by verdict and by reason")
    func agreement() throws {
        var parsed: [String: ServerName] = [:]
        func server(_ name: String) throws -> ServerName {
            if let known = parsed[name] { return known }
            let new = try ServerName(name)
            parsed[name] = new
            return new
        }
        var allowed = 0
        for seed in 0..<UInt64(max(1, Self.pairs / Self.questionsEach)) {
            var dice = SeededGenerator(seed: seed)
            let random = RandomPolicy(.whole, using: &dice)
            let moment = random.moment(using: &dice)
            let policy = try random.compiled(using: &dice).under(try moment.circumstances)
            let obvious = ObviousEvaluator(policy: random, moment: moment)
            let names = random.servers.map(\.name) + random.own + Self.strangers
            for endpointClass in EndpointClass.allCases {
                let expected = obvious.answerAnonymous(endpointClass)
                #expect(ruling(policy.decideAnonymous(endpointClass, .inbound)) == expected, "seed \(seed)")
            }
            for _ in 0..<Self.questionsEach {
                let asked = Self.question(names, random, &dice)
                var question = PolicyQuestion(
                    direction: asked.direction, own: try asked.own.map(server), peer: try server(asked.peer),
                    endpointClass: asked.endpointClass)
                question.room = asked.room
                question.author = try asked.author.map(server)
                question.eventType = asked.eventType
                if asked.isEDU { question.edu = asked.edu?.kind ?? .unknown("org.example.odd") }
                let (got, expected) = (ruling(policy.answer(question)), obvious.answer(asked))
                if got == .allowed { allowed += 1 }
                guard got == expected else {
                    let steps = policy.explain(question).lines.joined(separator: "\n")
                    Issue.record("seed \(seed): \(question.text): compiled \(got), obvious \(expected)\n\(steps)")
                    return
                }
            }
        }
        // A test in which nothing is ever allowed would compare little.
        #expect(allowed > Self.pairs / 50)
    }

    private func ruling(_ verdict: Verdict) -> ObviousEvaluator.Ruling {
        verdict.isAllowed ? .allowed : .refused(verdict.reason)
    }

    private static func question(
        _ names: [String], _ policy: RandomPolicy, _ dice: inout SeededGenerator
    ) -> ObviousEvaluator.Question {
        var question = ObviousEvaluator.Question()
        question.direction = Bool.random(using: &dice) ? .inbound : .outbound
        question.peer = names.randomElement(using: &dice) ?? ""
        question.own = policy.own.randomElement(using: &dice)
        if Int.random(in: 0..<40, using: &dice) == 0 { question.own = "elsewhere.example.org" }
        question.room = (RandomPolicy.rooms.map { Optional($0) } + [nil, nil]).randomElement(using: &dice) ?? nil
        switch Int.random(in: 0..<4, using: &dice) {
        case 0:
            question.author = names.randomElement(using: &dice)
            question.eventType = RandomPolicy.eventTypes.randomElement(using: &dice)?.name ?? ""
        case 1:
            question.isEDU = true
            question.edu = (EDUType.allCases.map { Optional($0) } + [nil]).randomElement(using: &dice) ?? nil
        default: question.endpointClass = EndpointClass.allCases.randomElement(using: &dice) ?? .send
        }
        return question
    }
}

extension RandomPolicy.Moment {
    var circumstances: Circumstances {
        get throws {
            let noon = try day.map { day in
                let text = "2027-01-" + (day < 10 ? "0" : "") + String(day) + "T12:00:00Z"
                guard let instant = StrictDate.end(text) else { throw NotAdmitted(name: text) }
                return instant
            }
            return Circumstances(
                now: noon,
                lockdowns: lockdowns.map { .init(profile: $0.profile, state: $0.state.flatMap(CountryCode.init)) })
        }
    }
}
