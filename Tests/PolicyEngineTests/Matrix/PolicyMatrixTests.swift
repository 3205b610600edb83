// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("The matrix of states, classes and directions")
struct PolicyMatrixTests {
    private func row(_ matrix: PolicyMatrix, _ name: String) throws -> PolicyMatrix.Row {
        try #require(matrix.rows.first { $0.subject.text == name })
    }

    private func cell(_ matrix: PolicyMatrix, _ row: String, _ endpointClass: EndpointClass, _ direction: Direction)
        throws -> PolicyMatrix.Cell
    {
        let column = try #require(matrix.columns.firstIndex(of: .endpointClass(endpointClass)))
        return try self.row(matrix, row).cell(column, direction)
    }

    @Test("says allow, refuse, or mixed where servers of a state differ")
    func cells() throws {
        let text = VerdictTests.text + "\n  - { name: f.example.it, state: IT }\n"
        let matrix = PolicyMatrix(try Policy.of(text))
        #expect(try cell(matrix, "DE", .join, .inbound) == .allowed)
        #expect(try cell(matrix, "DE", .join, .outbound) == .allowed)
        #expect(try cell(matrix, "DE", .directory, .inbound) == .refused)
        #expect(try cell(matrix, "IT", .join, .inbound) == .mixed)
        #expect(try cell(matrix, "IT", .keys, .inbound) == .allowed)
        #expect(try cell(matrix, "not listed", .keys, .inbound) == .refused)
        #expect(try row(matrix, "IT").tiers == ["eu", "reader"])
    }

    @Test("a state without servers shows what a new one would be allowed")
    func newServers() throws {
        let matrix = PolicyMatrix(try Policy.of(VerdictTests.text))
        #expect(try row(matrix, "IS").servers.isEmpty)
        #expect(try cell(matrix, "IS", .send, .inbound) == .allowed)
        #expect(try cell(matrix, "IS", .join, .inbound) == .refused)
    }

    @Test("begins with the own state, ends with what is not listed, and names organisations")
    func order() throws {
        let text = VerdictTests.text + "\n  - { name: hq.example.int, state: none, tier: reader }\n"
        let matrix = PolicyMatrix(try Policy.of(text))
        #expect(matrix.rows.first?.isOwn == true && matrix.rows.last?.subject == .unlisted)
        #expect(try row(matrix, "hq.example.int").tiers == ["reader"])
    }

    @Test("each cell is what every server of the state is answered", arguments: 0..<15 as Range<UInt64>)
    func agreement(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let policy = try Policy.of(RandomPolicy(using: &dice).yaml(using: &dice))
        let matrix = PolicyMatrix(policy)
        for row in matrix.rows {
            for (column, concern) in matrix.columns.enumerated() {
                guard case .endpointClass(let endpointClass) = concern, !row.servers.isEmpty else { continue }
                for direction in Direction.allCases {
                    var answers: Set<Bool> = []
                    for server in row.servers {
                        for own in policy.ownServers {
                            let question = PolicyQuestion(
                                direction: direction, own: own, peer: server, endpointClass: endpointClass)
                            answers.insert(policy.answer(question).isAllowed)
                        }
                    }
                    let expected: PolicyMatrix.Cell =
                        answers.count > 1 ? .mixed : answers == [true] ? .allowed : .refused
                    #expect(row.cell(column, direction) == expected, "seed \(seed), \(row.subject.text)")
                }
            }
        }
    }
}
