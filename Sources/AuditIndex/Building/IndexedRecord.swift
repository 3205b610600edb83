// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation

/// What the index keeps of one record: where it stands in it. A member that the record does not have, or that is of
/// another type, is `nil`.
package struct IndexedRecord: Sendable {
    /// A text.
    typealias Text = JSONDocument.Node
    /// An object or a list.
    typealias Container = JSONDocument.Node

    let document: JSONDocument
    package private(set) var sequence: Int64 = 0
    /// Microseconds since 1970-01-01T00:00:00Z.
    package private(set) var time: Int64 = 0
    private(set) var kindText: Text
    private(set) var directionText: Text?
    private(set) var decisionText: Text?
    private(set) var reasonText: Text?
    private(set) var ruleText: Text?
    /// Who asked: the server that proved it, else the one that was claimed.
    private(set) var originText: Text?
    package private(set) var isProved = false
    private(set) var originStateText: Text?
    private(set) var originTierText: Text?
    private(set) var destinationText: Text?
    private(set) var destinationStateText: Text?
    private(set) var destinationTierText: Text?
    private(set) var classText: Text?
    private(set) var methodText: Text?
    private(set) var pathText: Text?
    private(set) var networkText: Text?
    private(set) var roomText: Text?
    package private(set) var eventsIn: Int64 = 0
    package private(set) var eventsPassed: Int64 = 0
    package private(set) var eventsRefused: Int64 = 0
    /// Of an outcome, the number of its decision.
    package private(set) var decidedBy: Int64 = 0
    /// Items of lists for which the record had no room.
    package private(set) var omitted: Int64 = 0
    /// How many requests, handshakes or events it stands for; more than one only where refusals were aggregated.
    package private(set) var requests: Int64 = 1
    private(set) var authors: Container?
    private(set) var edus: Container?
    private(set) var refusals: Container?
    /// Of an outcome, how many events the answer carried and named.
    private(set) var answered: Container?
    /// Of an outcome, the file that passed.
    private(set) var passedFile: Container?
    /// Lists of references and single ones, and what they stand for.
    private(set) var names: [(node: JSONDocument.Node, what: NamedThing)] = []

    /// `nil` if it has not the form of a record.
    package init?(_ bytes: [UInt8]) {
        guard let document = try? JSONDocument(reading: bytes), document.kind(document.root) == .object else {
            return nil
        }
        self.document = document
        kindText = document.root
        var count: Int64 = 1
        var timeText: Text?
        for (key, value) in document.members(of: document.root) {
            // By length first: most keys are compared with one or two names.
            switch document.stringLength(key) {
            case 3: if document.stringEquals(key, "seq") { sequence = document.integer(value) ?? 0 }
            case 4:
                if document.stringEquals(key, "kind") {
                    kindText = value
                } else if document.stringEquals(key, "time") {
                    timeText = value
                } else if document.stringEquals(key, "room") {
                    roomText = text(value)
                    names.append((value, .room))
                } else if document.stringEquals(key, "pdus") {
                    readCounts(value)
                } else if document.stringEquals(key, "edus") {
                    edus = value
                }
            case 5:
                if document.stringEquals(key, "count") {
                    count = document.integer(value) ?? 1
                } else if document.stringEquals(key, "rooms") {
                    names.append((value, .room))
                } else if document.stringEquals(key, "media") {
                    passedFile = value
                    if let file = document.member("ref", of: value) { names.append((file, .media)) }
                }
            case 6:
                if document.stringEquals(key, "origin") {
                    readOrigin(value)
                } else if document.stringEquals(key, "method") {
                    methodText = text(value)
                } else if document.stringEquals(key, "of_seq") {
                    decidedBy = document.integer(value) ?? 0
                } else if document.stringEquals(key, "target") {
                    names.append((value, .target))
                } else if document.stringEquals(key, "events") {
                    names.append((value, .carried))
                }
            case 7:
                if document.stringEquals(key, "authors") {
                    authors = value
                } else if document.stringEquals(key, "rule_id") {
                    ruleText = text(value)
                } else if document.stringEquals(key, "network") {
                    networkText = text(value)
                } else if document.stringEquals(key, "subject") {
                    names.append((value, .subject))
                } else if document.stringEquals(key, "targets") {
                    names.append((value, .target))
                }
            case 8:
                if document.stringEquals(key, "answered") { answered = value }
                if document.stringEquals(key, "decision") {
                    decisionText = text(value)
                } else if document.stringEquals(key, "refusals") {
                    refusals = value
                } else if document.stringEquals(key, "answered") {
                    answered = value
                } else if document.stringEquals(key, "subjects") {
                    names.append((value, .subject))
                }
            case 9: if document.stringEquals(key, "direction") { directionText = text(value) }
            case 11:
                if document.stringEquals(key, "destination") {
                    destinationText = document.member("server", of: value).flatMap(text)
                    destinationStateText = document.member("state", of: value).flatMap(text)
                    destinationTierText = document.member("tier", of: value).flatMap(text)
                } else if document.stringEquals(key, "reason_code") {
                    reasonText = text(value)
                }
            case 12:
                if document.stringEquals(key, "events_asked") {
                    names.append((value, .asked))
                } else if document.stringEquals(key, "events_named") {
                    names.append((value, .answeredID))
                }
            case 13...20: readLong(key, value)
            default: break
            }
        }
        guard sequence > 0, let timeText, let range = document.stringRange(timeText),
            document.kind(kindText) == .string,
            let time = RecordTime.microseconds(document.bytes.span.extracting(range))
        else { return nil }
        self.time = time
        if document.stringEquals(kindText, "audit.aggregated") { requests = max(count, 0) }
        if document.stringEquals(kindText, "outcome") {
            // What an outcome names came with the answer.
            for index in names.indices where names[index].what == .carried { names[index].what = .answered }
        } else {
            names.removeAll { $0.what == .answeredID }
            (answered, passedFile) = (nil, nil)
        }
    }

    func text(_ node: JSONDocument.Node) -> Text? { document.kind(node) == .string ? node : nil }

    private mutating func readLong(_ key: JSONDocument.Node, _ value: JSONDocument.Node) {
        if document.stringEquals(key, "endpoint_class") {
            classText = text(value)
        } else if document.stringEquals(key, "path_template") {
            pathText = text(value)
        } else {
            for name: StaticString in [
                "authors_omitted", "refusals_omitted", "events_omitted", "events_asked_omitted", "rooms_omitted",
                "subjects_omitted", "targets_omitted",
            ] where document.stringEquals(key, name) { omitted &+= document.integer(value) ?? 0 }
        }
    }

    private mutating func readOrigin(_ value: JSONDocument.Node) {
        originText = document.member("authenticated", of: value).flatMap(text)
        isProved = originText != nil
        if !isProved { originText = document.member("claimed", of: value).flatMap(text) }
        originStateText = document.member("state", of: value).flatMap(text)
        originTierText = document.member("tier", of: value).flatMap(text)
    }

    private mutating func readCounts(_ value: JSONDocument.Node) {
        eventsIn = document.member("in", of: value).flatMap(document.integer) ?? 0
        eventsPassed = document.member("forwarded", of: value).flatMap(document.integer) ?? 0
        eventsRefused = document.member("refused", of: value).flatMap(document.integer) ?? 0
    }
}
