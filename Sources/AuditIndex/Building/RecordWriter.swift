// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import MatrixFederation

/// Writes records into the tables, within one transaction.
struct RecordWriter {
    private let database: Database
    private var texts: TextTable
    private var tally = TrafficTally()
    private var record: RowInserter
    private var author: RowInserter
    private var edu: RowInserter
    private var refusal: RowInserter
    private var named: RowInserter
    private var answer: RowInserter
    private var months = MonthClock()

    init(_ database: Database) throws {
        self.database = database
        texts = try TextTable(database)
        record = try RowInserter(database, into: "record", columns: 25)
        author = try RowInserter(database, into: "author", columns: 4)
        edu = try RowInserter(database, into: "edu", columns: 4)
        refusal = try RowInserter(database, into: "refusal", columns: 7)
        named = try RowInserter(database, into: "named", columns: 3, ifPresent: "NOTHING")
        answer = try RowInserter(
            database, into: "answer", columns: 5,
            ifPresent: """
                UPDATE SET events = events + excluded.events, ids = ids + excluded.ids,
                file_bytes = max(file_bytes, excluded.file_bytes), file_type = max(file_type, excluded.file_type)
                """)
    }

    mutating func write(_ entry: borrowing IndexedRecord) throws {
        let direction = try texts.number(entry.directionText, of: entry)
        let decision = try texts.number(entry.decisionText, of: entry)
        let reason = try texts.number(entry.reasonText, of: entry)
        let endpointClass = try texts.number(entry.classText, of: entry)
        let originState = try texts.number(entry.originStateText, of: entry)
        let destinationState = try texts.number(entry.destinationStateText, of: entry)
        try record.bind(entry.sequence)
        try record.bind(entry.time)
        try record.bind(try texts.number(entry.kindText, of: entry))
        try record.bind(direction)
        try record.bind(decision)
        try record.bind(reason)
        try record.bind(try texts.number(entry.ruleText, of: entry))
        try record.bind(try texts.number(entry.originText, of: entry))
        try record.bind(entry.isProved ? 1 : 0)
        try record.bind(originState)
        try record.bind(try texts.number(entry.originTierText, of: entry))
        try record.bind(try texts.number(entry.destinationText, of: entry))
        try record.bind(destinationState)
        try record.bind(try texts.number(entry.destinationTierText, of: entry))
        try record.bind(endpointClass)
        try record.bind(try texts.number(entry.methodText, of: entry))
        try record.bind(try texts.number(entry.pathText, of: entry))
        try record.bind(try texts.number(entry.networkText, of: entry))
        try record.bind(entry.roomText.flatMap { Self.reference($0, entry.document) })
        try record.bind(entry.eventsIn)
        try record.bind(entry.eventsPassed)
        try record.bind(entry.eventsRefused)
        try record.bind(entry.decidedBy)
        try record.bind(entry.omitted)
        try record.bind(entry.requests)
        try record.insert()
        try writeItems(entry)
        try writeNames(entry)
        if entry.decidedBy > 0 { try writeAnswer(entry) }
        guard entry.decisionText != nil else { return }
        tally.count(
            TrafficTally.Key(
                month: months.month(entry.time), direction: direction, originState: originState,
                destinationState: destinationState, endpointClass: endpointClass, decision: decision, reason: reason),
            requests: entry.requests, passed: entry.eventsPassed, refused: entry.eventsRefused)
    }

    private mutating func writeItems(_ entry: borrowing IndexedRecord) throws {
        let document = entry.document
        if let authors = entry.authors {
            var item: Int64 = 0
            for node in document.elements(of: authors) {
                guard let domain = document.member("domain", of: node).flatMap(entry.text) else { continue }
                let count = document.member("count", of: node).flatMap(document.integer) ?? 0
                try author.insert(entry.sequence, item, try texts.number(domain, of: entry), count)
                item += 1
            }
        }
        if let edus = entry.edus {
            var item: Int64 = 0
            for (key, value) in document.members(of: edus) {
                guard let count = document.integer(value) else { continue }
                try edu.insert(entry.sequence, item, try texts.number(key, of: entry), count)
                item += 1
            }
        }
        if let refusals = entry.refusals {
            var item: Int64 = 0
            for node in document.elements(of: refusals) {
                try refusal.bind(entry.sequence)
                try refusal.bind(item)
                try refusal.bind(document.member("event", of: node).flatMap { Self.reference($0, document) })
                for name: StaticString in ["type", "author", "reason", "rule_id"] {
                    let text = document.member(name, of: node).flatMap(entry.text)
                    try refusal.bind(try texts.number(text, of: entry))
                }
                try refusal.insert()
                item += 1
            }
        }
    }

    private mutating func writeNames(_ entry: borrowing IndexedRecord) throws {
        let document = entry.document
        // What came with an answer is found with the request that it answers.
        let sequence = entry.decidedBy > 0 ? entry.decidedBy : entry.sequence
        for (node, what) in entry.names { try write(node, what, sequence, document) }
        guard let refusals = entry.refusals else { return }
        for item in document.elements(of: refusals) {
            for name: StaticString in ["event", "event_other"] {
                if let node = document.member(name, of: item) { try write(node, .refused, sequence, document) }
            }
        }
    }

    /// What an outcome says of the answer: to the request that it answers, for which there may be several.
    private mutating func writeAnswer(_ entry: borrowing IndexedRecord) throws {
        guard entry.answered != nil || entry.passedFile != nil else { return }
        let document = entry.document
        func number(_ name: StaticString, _ node: JSONDocument.Node?) -> Int64 {
            node.flatMap { document.member(name, of: $0) }.flatMap(document.integer) ?? 0
        }
        try answer.bind(entry.decidedBy)
        try answer.bind(number("events", entry.answered))
        try answer.bind(number("ids", entry.answered))
        try answer.bind(number("bytes", entry.passedFile))
        let type = entry.passedFile.flatMap { document.member("type", of: $0) }.flatMap(entry.text)
        try answer.bind(try texts.number(type, of: entry))
        try answer.insert()
    }

    /// One reference, or a list of them. What is none is passed over.
    private mutating func write(
        _ node: JSONDocument.Node, _ what: NamedThing, _ sequence: Int64, _ document: JSONDocument
    ) throws {
        if document.kind(node) == .array {
            for element in document.elements(of: node) where document.kind(element) == .string {
                try write(element, what, sequence, document)
            }
        } else if let reference = Self.reference(node, document) {
            try named.bind(sequence)
            try named.bind(what.rawValue)
            try named.bind(reference)
            try named.insert()
        }
    }

    private static func reference(_ node: JSONDocument.Node, _ document: JSONDocument) -> ReferenceBytes.Value? {
        if let range = document.stringRange(node) {
            return ReferenceBytes.value(document.bytes.span.extracting(range))
        }
        return document.string(node).flatMap { ReferenceBytes.value($0.utf8.span) }
    }

    /// Must be called before the transaction ends.
    func finish() throws { try tally.store(database) }
}
