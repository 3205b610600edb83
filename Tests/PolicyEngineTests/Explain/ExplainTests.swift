// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Explanations")
struct ExplainTests {
    struct Case: Sendable, CustomStringConvertible {
        let name: String
        let direction: Direction
        let origin: String
        let destination: String
        let endpointClass: EndpointClass
        var author: String?
        var edu: EDUKind?
        var description: String { name }
    }

    static let own = "matrix.example.gouv.fr"
    static let cases = [
        Case(name: "allowed", direction: .inbound, origin: "a.example.de", destination: own, endpointClass: .join),
        Case(
            name: "refused-class", direction: .inbound, origin: "c.example.no", destination: own, endpointClass: .join),
        Case(
            name: "not-in-list", direction: .inbound, origin: "a.example.de", destination: own, endpointClass: .openID),
        Case(name: "blocked", direction: .inbound, origin: "e.example.kp", destination: own, endpointClass: .send),
        Case(
            name: "unknown", direction: .inbound, origin: "never.heard.example", destination: own, endpointClass: .send),
        Case(name: "look-alike", direction: .inbound, origin: "a.examp1e.de", destination: own, endpointClass: .send),
        Case(
            name: "author", direction: .inbound, origin: "a.example.de", destination: own, endpointClass: .send,
            author: "d.example.ch"),
        Case(
            name: "edu", direction: .inbound, origin: "a.example.de", destination: own, endpointClass: .send,
            edu: .presence),
        Case(name: "outbound", direction: .outbound, origin: own, destination: "b.example.it", endpointClass: .send),
        Case(
            name: "not-ours", direction: .inbound, origin: "a.example.de", destination: "a.example.de",
            endpointClass: .send),
    ]

    @Test("name the servers, tiers and lines that were looked at", arguments: cases)
    func golden(question: Case) throws {
        let policy = try Policy.of(VerdictTests.text)
        let answer = policy.explain(
            PolicyQuestion(
                direction: question.direction, origin: try ServerName(question.origin),
                destination: try ServerName(question.destination), endpointClass: question.endpointClass,
                author: try question.author.map { try ServerName($0) }, edu: question.edu))
        try Fixtures.expectGolden(answer.lines.joined(separator: "\n") + "\n", "explain/\(question.name).expected")
    }

    @Test("give the verdict that the gateway would get")
    func sameVerdict() throws {
        let policy = try Policy.of(VerdictTests.text)
        for name in ["a.example.de", "b.example.it", "c.example.no", "d.example.ch"] {
            let peer = try policy.peer(name)
            for endpointClass in EndpointClass.allCases {
                for direction in Direction.allCases {
                    let own = try ServerName(Self.own)
                    let question = PolicyQuestion(
                        direction: direction, origin: direction == .inbound ? peer.server : own,
                        destination: direction == .inbound ? own : peer.server, endpointClass: endpointClass)
                    #expect(policy.explain(question).verdict == policy.decide(peer, endpointClass, direction))
                }
            }
        }
    }

    @Test("fit into an audit record")
    func short() throws {
        let policy = try Policy.of(VerdictTests.text)
        let peer = try policy.peer("c.example.no")
        let text = policy.explain(policy.decide(peer, .join, .inbound), of: peer)
        #expect(
            text == "`c.example.no`, NO, tier partner: refused (endpoint.refused) by "
                + "tiers.partner.inbound.refuse (policy.yaml:13:25)")
        #expect(text.count <= 300)
    }
}
