// SPDX-License-Identifier: Apache-2.0

import Audit
import MatrixFederation
import NIOCore
import Testing

@testable import Gateway

@Suite("What of an answer waits, and for which records")
struct HeldAnswerTests {
    private static let key = ReferenceKey(salt: [1])

    private static func answer(_ events: [String]) -> [UInt8] {
        Array("{\"pdus\":[\(events.joined(separator: ","))]}".utf8)
    }

    private static func event(_ number: Int) -> String {
        SampleEvent.message(by: "home.example", "text \(number)", ["depth": String(number)])
    }

    /// Plays the answer in pieces, each record granted at once; checks what passes before.
    private static func play(_ text: [UInt8], pieces: [Int], names: Bool = true) throws -> (
        records: [AnsweredEvents], most: Int
    ) {
        var held = HeldAnswer(try #require(Endpoint.backfill.answeredEvents), names ? key.maker() : nil)
        var records: [AnsweredEvents] = []
        var (passed, most, ended): ([UInt8], Int, Int) = ([], 0, 0)
        var rest = text[...]
        for piece in pieces + [text.count] where !rest.isEmpty {
            let bytes = Array(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            if !bytes.isEmpty { try held.take(ByteBuffer(bytes: bytes)) }
            if rest.isEmpty { try held.end() }
            let due = held.due()
            // Every event whose last byte may pass was recorded, now or before.
            records += due
            for buffer in held.release() {
                passed += buffer.readableBytesView
                // An event has four closing brackets.
                ended += buffer.readableBytesView.count { $0 == UInt8(ascii: "}") }
            }
            let named = records.reduce(0) { $0 + $1.events }
            if named < ended / 4 { Issue.record("\(ended / 4) events passed, \(named) are on record") }
            most = max(most, text.count - rest.count - passed.count)
        }
        #expect(passed == text)
        return (records, most)
    }

    @Test("a small answer makes one record and passes whole, wherever it is split")
    func everySplit() throws {
        let events = [Self.event(1), Self.event(2)]
        let text = Self.answer(events)
        let references = try events.map { Self.key.reference(.event, try SampleEvent.id($0)) }
        for at in 0...text.count {
            let (records, _) = try Self.play(text, pieces: [at])
            #expect(records.map(\.events) == [2] && records.map(\.references) == [references], "\(at)")
        }
        let (records, _) = try Self.play(text, pieces: text.map { _ in 1 })
        #expect(records.map(\.references) == [references])
    }

    @Test("nothing of an event passes before it is recorded whole, and nothing recorded is held any longer")
    func order() throws {
        var held = HeldAnswer(try #require(Endpoint.backfill.answeredEvents), Self.key.maker())
        let text = Self.answer([Self.event(1)])
        try held.take(ByteBuffer(bytes: text.dropLast(3)))
        #expect(held.due().isEmpty)
        #expect(held.release().reduce(0) { $0 + $1.readableBytes } == 9, "what stands before the event")
        try held.take(ByteBuffer(bytes: text.suffix(3)))
        #expect(held.due().isEmpty && held.release().isEmpty, "more may come with it")
        try held.end()
        #expect(held.due().count == 1 && held.coveredBytes == text.count - 9)
        #expect(held.release().reduce(0) { $0 + $1.readableBytes } == text.count - 9)
        #expect(held.due().isEmpty && held.release().isEmpty)
    }

    @Test(
        "a large answer makes many records of bounded size, and little of it is held",
        arguments: [1000, 65_536, 900_000])
    func large(piece: Int) throws {
        let text = Self.answer((0..<2000).map(Self.event))
        let (records, most) = try Self.play(text, pieces: Array(repeating: piece, count: text.count / piece + 1))
        #expect(records.reduce(0) { $0 + $1.events } == 2000)
        #expect(Set(records.flatMap(\.references)).count == 2000)
        #expect(records.count >= 4 && records.allSatisfy { $0.references.count <= AnsweredEvents.maxReferences })
        #expect(most <= HeldAnswer.mostBytes + piece + 1000, "\(most)")
    }

    @Test("without names events are counted, and thousands make few records")
    func minimal() throws {
        let text = Self.answer((0..<2000).map(Self.event))
        let (records, _) = try Self.play(text, pieces: Array(repeating: 65_536, count: 100), names: false)
        #expect(records.reduce(0) { $0 + $1.events } == 2000 && records.allSatisfy { $0.references.isEmpty })
        #expect(records.count <= text.count / HeldAnswer.mostBytes + 1)
    }

    @Test("an answer of one huge event after the other is held no more than one at a time")
    func huge() throws {
        let text = Self.answer(
            (0..<20).map { SampleEvent.message(by: "home.example", "\($0)" + String(repeating: "h", count: 200_000)) })
        let (records, most) = try Self.play(text, pieces: Array(repeating: 30_000, count: 200))
        #expect(records.reduce(0) { $0 + $1.events } == 20)
        #expect(most <= HeldAnswer.mostBytes + AnswerReader.maxValueBytes + 30_000)
    }

    @Test("an answer that cannot be read stays where it is, or passes unread when it has to")
    func unreadable() throws {
        var held = HeldAnswer(try #require(Endpoint.backfill.answeredEvents), Self.key.maker())
        let bytes = Array("{\"pdus\":[\(Self.event(1)),7".utf8)
        try held.take(ByteBuffer(bytes: bytes))
        #expect(throws: AnswerFault.shape) { try held.take(ByteBuffer(bytes: Array("]".utf8))) }
        #expect(held.release().reduce(0) { $0 + $1.readableBytes } == 0)
        held.passUnread()
        #expect(held.due().map(\.events) == [1])
        #expect(held.release().reduce(0) { $0 + $1.readableBytes } == bytes.count + 1)
        try held.take(ByteBuffer(bytes: Array("x".utf8)))
        try held.end()
        #expect(held.due().isEmpty)
        #expect(held.release().reduce(0) { $0 + $1.readableBytes } == 1)
    }
}
