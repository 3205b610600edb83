// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation

/// What the index keeps of one record. A member that the record does not have is `nil` or empty.
package struct IndexedRecord: Equatable, Sendable {
    package struct Counted: Equatable, Sendable {
        package var name: String
        package var count: Int64
    }

    package struct Refused: Equatable, Sendable {
        /// 32 hexadecimal digits.
        package var event: String?
        package var type: String?
        package var author: String?
        package var reason: String?
        package var rule: String?
    }

    package struct Answer: Equatable, Sendable {
        package var events: Int64 = 0
        package var ids: Int64 = 0
        package var fileBytes: Int64 = 0
        package var fileType: String?
    }

    /// A reference in a record, 32 hexadecimal digits.
    package struct Named: Hashable, Sendable {
        package var what: NamedThing
        package var reference: String
    }

    package var sequence: Int64
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var time: Int64
    package var kind: String
    package var direction: String?
    package var decision: String?
    package var reason: String?
    package var rule: String?
    /// Who asked: the server that proved it, else the one that was claimed.
    package var origin: String?
    package var isProved = false
    package var originState: String?
    package var originTier: String?
    package var destination: String?
    package var destinationState: String?
    package var destinationTier: String?
    package var endpointClass: String?
    package var method: String?
    package var path: String?
    package var network: String?
    /// 32 hexadecimal digits.
    package var room: String?
    package var eventsIn: Int64 = 0
    package var eventsPassed: Int64 = 0
    package var eventsRefused: Int64 = 0
    /// Of an outcome, the number of its decision.
    package var decidedBy: Int64 = 0
    /// What an outcome says of the answer.
    package var answer = Answer()
    package var authors: [Counted] = []
    package var edus: [Counted] = []
    package var refusals: [Refused] = []
    package var named: [Named] = []
    /// Items of lists for which the record had no room.
    package var omitted: Int64 = 0

    /// How many requests, handshakes or events it stands for; more than one only where refusals were aggregated.
    package var requests: Int64 = 1

    /// `nil` if it has not the form of a record.
    package init?(_ bytes: [UInt8]) {
        guard let document = try? JSONDocument(reading: bytes) else { return nil }
        let record = Member(document: document, node: document.root)
        guard document.kind(document.root) == .object, let sequence = record.integer("seq"), sequence > 0,
            let time = record.text("time").flatMap({ RecordTime.microseconds($0.utf8.span) }),
            let kind = record.text("kind")
        else { return nil }
        (self.sequence, self.time, self.kind) = (sequence, time, kind)
        direction = record.text("direction")
        decision = record.text("decision")
        reason = record.text("reason_code")
        rule = record.text("rule_id")
        endpointClass = record.text("endpoint_class")
        (method, path) = (record.text("method"), record.text("path_template"))
        network = record.text("network")
        room = record.text("room")
        decidedBy = record.integer("of_seq") ?? 0
        if kind == "audit.aggregated" { requests = max(record.integer("count") ?? 1, 0) }
        if let asker = record.inside("origin") {
            isProved = asker.text("authenticated") != nil
            origin = asker.text("authenticated") ?? asker.text("claimed")
            (originState, originTier) = (asker.text("state"), asker.text("tier"))
        }
        if let asked = record.inside("destination") {
            destination = asked.text("server")
            (destinationState, destinationTier) = (asked.text("state"), asked.text("tier"))
        }
        if let events = record.inside("pdus") {
            eventsIn = events.integer("in") ?? 0
            eventsPassed = events.integer("forwarded") ?? 0
            eventsRefused = events.integer("refused") ?? 0
        }
        if kind == "outcome" { readAnswer(record) }
        readItems(record)
        readNames(record)
    }

    private mutating func readAnswer(_ record: Member) {
        if let counts = record.inside("answered") {
            (answer.events, answer.ids) = (counts.integer("events") ?? 0, counts.integer("ids") ?? 0)
        }
        if let file = record.inside("media") {
            (answer.fileBytes, answer.fileType) = (file.integer("bytes") ?? 0, file.text("type"))
        }
    }

    private mutating func readItems(_ record: Member) {
        for author in record.list("authors") {
            guard let domain = author.text("domain") else { continue }
            authors.append(Counted(name: domain, count: author.integer("count") ?? 0))
        }
        if let counts = record.inside("edus") {
            for (key, value) in counts.document.members(of: counts.node) {
                guard let name = counts.document.string(key), let count = counts.document.integer(value) else {
                    continue
                }
                edus.append(Counted(name: name, count: count))
            }
        }
        for item in record.list("refusals") {
            refusals.append(
                Refused(
                    event: item.text("event"), type: item.text("type"), author: item.text("author"),
                    reason: item.text("reason"), rule: item.text("rule_id")))
        }
        for name: StaticString in [
            "authors_omitted", "refusals_omitted", "events_omitted", "events_asked_omitted", "rooms_omitted",
            "subjects_omitted", "targets_omitted",
        ] {
            omitted &+= record.integer(name) ?? 0
        }
    }

    private mutating func readNames(_ record: Member) {
        var seen: Set<Named> = []
        func add(_ what: NamedThing, _ references: [String]) {
            for reference in references where ReferenceBytes.read(reference) != nil {
                let name = Named(what: what, reference: reference)
                if seen.insert(name).inserted { named.append(name) }
            }
        }
        // What an outcome names came with the answer.
        add(kind == "outcome" ? .answered : .carried, record.texts("events"))
        if kind == "outcome" { add(.answeredID, record.texts("events_named")) }
        add(.asked, record.texts("events_asked"))
        for item in record.list("refusals") {
            add(.refused, (item.text("event").map { [$0] } ?? []) + item.texts("event_other"))
        }
        add(.room, (room.map { [$0] } ?? []) + record.texts("rooms"))
        add(.subject, (record.text("subject").map { [$0] } ?? []) + record.texts("subjects"))
        add(.target, (record.text("target").map { [$0] } ?? []) + record.texts("targets"))
        add(.media, record.inside("media")?.text("ref").map { [$0] } ?? [])
    }
}

/// An object of a record, whose members may be missing.
private struct Member {
    let document: JSONDocument
    let node: JSONDocument.Node

    func text(_ name: StaticString) -> String? { document.member(name, of: node).flatMap { document.string($0) } }
    func integer(_ name: StaticString) -> Int64? { document.member(name, of: node).flatMap { document.integer($0) } }

    func inside(_ name: StaticString) -> Member? {
        document.member(name, of: node).flatMap {
            document.kind($0) == .object ? Member(document: document, node: $0) : nil
        }
    }

    /// The texts in a list.
    func texts(_ name: StaticString) -> [String] {
        guard let list = document.member(name, of: node), document.kind(list) == .array else { return [] }
        return document.elements(of: list).compactMap { document.string($0) }
    }

    func list(_ name: StaticString) -> [Member] {
        guard let list = document.member(name, of: node), document.kind(list) == .array else { return [] }
        return document.elements(of: list).map { Member(document: document, node: $0) }
    }
}
