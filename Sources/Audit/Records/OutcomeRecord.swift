// SPDX-License-Identifier: Apache-2.0

package import PolicyEngine

/// What became of a request that had been let through: a later, small record that points at the decision.
///
/// What passes with the answer, the events and the kind of file, is not known when the decision is made; it is named here. Else it
/// tells the officer whether the other side took what was passed.
package struct OutcomeRecord: Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var time: Int64
    /// The sequence number of the decision.
    package var decision: UInt64
    package var http: AuditRecord.HTTP
    /// Why it ended otherwise than it was let through; `nil` when it did not.
    package var reason: ReasonCode?
    /// The rule by which its answer was refused or marked.
    package var ruleID: String?
    package var durations: AuditRecord.Durations?
    /// The events that pass with the answer, or with the part of it that this record is about.
    package var answered: AnsweredEvents?
    package var media: PassedMedia?

    package init(
        time: Int64, decision: UInt64, http: AuditRecord.HTTP, reason: ReasonCode? = nil,
        ruleID: String? = nil, durations: AuditRecord.Durations? = nil, answered: AnsweredEvents? = nil,
        media: PassedMedia? = nil
    ) {
        self.time = time
        self.decision = decision
        self.http = http
        self.reason = reason
        self.ruleID = ruleID
        self.durations = durations
        self.answered = answered
        self.media = media
    }
}

/// Events in an answer: how many, and at most levels which.
package struct AnsweredEvents: Hashable, Sendable {
    /// So many events that came whole.
    package var events = 0
    /// So many that came as an ID alone.
    package var ids = 0
    /// Of one event that may have one of several IDs, all. Together with `named` at most `maxReferences`.
    package var references: [Reference] = []
    /// Of events that came as an ID alone.
    package var named: [Reference] = []

    /// In one record; more are counted only.
    package static let maxReferences = 640

    package init() {}
}

/// A file that passed, or as much of it as did.
package struct PassedMedia: Hashable, Sendable {
    /// As the homeserver names it, without parameters; at most 100 bytes.
    package var type: String?
    /// Of the answer's body.
    package var bytes: Int

    package init(type: String?, bytes: Int) { (self.type, self.bytes) = (type, bytes) }
}

extension RecordEncoder {
    mutating func encode(_ record: OutcomeRecord) {
        begin()
        answered(record.answered)
        durations(record.durations)
        references(record.answered)
        http(record.http)
        kind(#""outcome""#)
        media(record.media)
        nodeMember()
        member(#""of_seq":"#, record.decision)
        member(#""reason_code":"#, record.reason?.rawValue)
        member(#""rule_id":"#, record.ruleID)
        sequence()
        time(#""time":"#, microseconds: record.time)
        end()
    }
}

extension RecordEncoder {
    private mutating func answered(_ answered: AnsweredEvents?) {
        guard let answered else { return }
        object(#""answered":{"#)
        count(#""events":"#, answered.events)
        count(#""ids":"#, answered.ids)
        close()
    }

    private mutating func references(_ answered: AnsweredEvents?) {
        guard let answered else { return }
        let limit = AnsweredEvents.maxReferences
        let events = answered.references.prefix(limit)
        let named = answered.named.prefix(limit - events.count)
        list(#""events":["#, events)
        list(#""events_named":["#, named)
        count(#""events_omitted":"#, answered.references.count + answered.named.count - events.count - named.count)
    }

    private mutating func list(_ opening: StaticString, _ references: ArraySlice<Reference>) {
        guard !references.isEmpty else { return }
        object(opening)
        for reference in references { element(reference) }
        closeArray()
    }

    private mutating func media(_ media: PassedMedia?) {
        guard let media else { return }
        object(#""media":{"#)
        member(#""bytes":"#, media.bytes)
        member(#""type":"#, media.type, limit: 100)
        close()
    }
}
