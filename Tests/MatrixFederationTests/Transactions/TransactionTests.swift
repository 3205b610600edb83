// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("Transactions: Server-Server API, Transactions")
struct TransactionTests {
    static func fault(_ read: () throws -> Void) -> Transaction.Fault? {
        do {
            try read()
            return nil
        } catch let fault as Transaction.Fault { return fault } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    @Test("AC-69 more than 50 events or 100 EDUs condemn the whole; 50 and 100 do not")
    func counts() throws {
        let events = Array(repeating: Sample.event(), count: 51)
        let edus = Array(repeating: Sample.edu("m.x", "{}"), count: 101)
        #expect(Self.fault { _ = try Sample.transaction(pdus: events) } == .tooMany(.pdus))
        #expect(Self.fault { _ = try Sample.transaction(edus: edus) } == .tooMany(.edus))
        let (largest, _) = try Sample.transaction(pdus: events.dropLast(), edus: edus.dropLast())
        #expect(largest.pdus.count == 50 && largest.edus.count == 100)
        #expect(largest.pdus.allSatisfy { $0.fault == nil })
    }

    @Test("a body that names another origin than the header is refused, compared byte by byte")
    func origins() throws {
        for other in ["bravo.example", "Alpha.example", "alpha.example:8448", "alpha.example.", ""] {
            #expect(Self.fault { _ = try Sample.transaction(["origin": "\"\(other)\""]) } == .origin)
        }
        #expect(Self.fault { _ = try Sample.transaction(["origin": "1"]) } == .malformed(.origin))
        #expect(Self.fault { _ = try Sample.transaction(["origin": nil]) } == nil)
        #expect(Self.fault { _ = try Sample.transaction(["origin": #""\u0061lpha.example""#]) } == nil)
    }

    @Test("what is not shaped like a transaction is malformed")
    func shapes() throws {
        for value in ["null", "{}", "1", "\"x\"", "true"] {
            #expect(Self.fault { _ = try Sample.transaction(["pdus": value]) } == .malformed(.pdus))
            #expect(Self.fault { _ = try Sample.transaction(["edus": value]) } == .malformed(.edus))
        }
        #expect(Self.fault { _ = try Sample.transaction(["origin_server_ts": "\"1\""]) } == .malformed(.timestamp))
        let list = try JSONDocument(reading: Array("[]".utf8))
        let name = try ServerName("alpha.example")
        #expect(Self.fault { _ = try Transaction(list, origin: name, destination: name) } == .malformed(.body))
        #expect(Self.fault { _ = try Sample.transaction(["pdus": nil]) } == nil)
    }

    @Test(
        "AC-37 a foreign number condemns the whole outside of events, and only its event inside",
        arguments: ["1.0", "1e3", "9007199254740992", "-9007199254740992", "-0.0"])
    func numbers(number: String) throws {
        #expect(Self.fault { _ = try Sample.transaction(["x": number]) } == .number)
        #expect(Self.fault { _ = try Sample.transaction(["x": "[{\"a\":\(number)}]"]) } == .number)
        #expect(Self.fault { _ = try Sample.transaction(edus: [Sample.edu("m.x", "{\"a\":\(number)}")]) } == .number)
        let bad = Sample.event(["content": "{\"a\":[\(number)]}"])
        let (transaction, _) = try Sample.transaction(pdus: [Sample.event(), bad, Sample.event()])
        #expect(transaction.pdus.map(\.fault) == [nil, .number, nil])
    }

    @Test("AC-75 unknown top-level members are named, eight at most")
    func unknownMembers() throws {
        let (transaction, _) = try Sample.transaction(["transaction_id": "1", "pdu_failures": "[]"])
        #expect(Set(transaction.unknownMembers) == ["transaction_id", "pdu_failures"])
        let many = Dictionary(uniqueKeysWithValues: (0..<50).map { ("x\($0)", Optional("1")) })
        #expect(try Sample.transaction(many).0.unknownMembers.count == 8)
        #expect(try Sample.transaction().0.unknownMembers.isEmpty)
    }
}
