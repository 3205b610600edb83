// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// One decision as its record tells it, for asking a policy the same again.
package struct RecordedDecision: Sendable {
    package let sequence: Int64
    /// RFC 3339.
    package let time: String
    package let instant: Timestamp
    package let decision: String
    package let reason: String
    package let ruleID: String?
    package let explain: String?
    /// Of the policy that decided.
    package let serial: Int64?
    package let sha256: String?
    package let mode: String?
    /// The class first, then each event and EDU that the record tells apart. Empty: no policy was or could be asked.
    package let questions: [PolicyQuestion]
    /// The room that the request named, by reference.
    package let room: String?
    /// What was asked of the record and is not in it.
    package private(set) var remarks: [String] = []

    package enum Fault: Error, Hashable, Sendable {
        /// The bytes are no JSON object with the members of a record.
        case form
        /// The record is of another kind, which is named.
        case kind(String)
    }

    /// - Parameter bytes: JSON of one record.
    package init(_ bytes: [UInt8]) throws(Fault) {
        let document: JSONDocument
        do throws(JSONFault) {
            document = try JSONDocument(reading: bytes)
        } catch {
            throw .form
        }
        let reader = RecordReader(document: document, root: document.root)
        guard let sequence = reader.integer("seq"), let time = reader.text("time"),
            let instant = RecordTime.read(time.utf8.span), let kind = reader.text("kind")
        else { throw .form }
        guard kind == "request" else { throw .kind(kind) }
        guard let decision = reader.text("decision"), let reason = reader.text("reason_code") else { throw .form }
        self.sequence = sequence
        (self.time, self.instant, self.decision, self.reason) = (time, instant, decision, reason)
        (ruleID, explain, room) = (reader.text("rule_id"), reader.text("explain"), reader.text("room"))
        let policy = reader.inside("policy")
        (serial, sha256, mode) = (policy?.integer("serial"), policy?.text("sha256"), policy?.text("mode"))
        questions = reader.questions(at: instant)
        if questions.count > 1, !reader.list("authors").isEmpty {
            remarks.append("a record holds the types of events that were refused, and not of those that passed")
        }
    }

    /// The same questions in the room that the record means, if a policy names it.
    package func questions(to policy: Policy, _ references: ReferenceKey?) -> [PolicyQuestion] {
        guard let room, let references,
            let named = policy.roomsOfExceptions.first(where: { references.reference(.room, $0).hex == room })
        else { return questions }
        return questions.map { question in
            var question = question
            if question.endpointClass.namesRoom { question.room = named }
            return question
        }
    }
}

/// Members of a record that may be missing.
private struct RecordReader {
    let document: JSONDocument
    let root: JSONDocument.Node

    func text(_ name: String) -> String? { document.member(name, of: root).flatMap { document.string($0) } }
    func integer(_ name: String) -> Int64? { document.member(name, of: root).flatMap { document.integer($0) } }

    func inside(_ name: String) -> RecordReader? {
        document.member(name, of: root).flatMap {
            document.kind($0) == .object ? RecordReader(document: document, root: $0) : nil
        }
    }

    func list(_ name: String) -> [RecordReader] {
        guard let list = document.member(name, of: root), document.kind(list) == .array else { return [] }
        return document.elements(of: list).map { RecordReader(document: document, root: $0) }
    }

    func questions(at time: Timestamp) -> [PolicyQuestion] {
        let direction = text("direction").flatMap(Direction.init(rawValue:)) ?? .inbound
        let origin = inside("origin").flatMap { $0.text("authenticated") ?? $0.text("claimed") }
        guard let endpointClass = text("endpoint_class").flatMap(EndpointClass.init(rawValue:)),
            let origin = origin.flatMap({ try? ServerName($0) })
        else { return [] }
        let destination = inside("destination")?.text("server").flatMap { try? ServerName($0) }
        var first = PolicyQuestion(
            direction: direction, origin: origin, destination: destination, endpointClass: endpointClass)
        first.time = time
        var questions = [first]
        guard endpointClass == .send else { return questions }
        func ask(_ change: (inout PolicyQuestion) -> Void) {
            var question = first
            change(&question)
            if !questions.contains(question) { questions.append(question) }
        }
        for author in list("authors").prefix(64) {
            guard let server = author.text("domain").flatMap({ try? ServerName($0) }) else { continue }
            ask { $0.author = server }
        }
        for refusal in list("refusals").prefix(64) {
            guard let type = refusal.text("type"), let server = refusal.text("author").flatMap({ try? ServerName($0) })
            else { continue }
            ask { ($0.author, $0.eventType) = (server, type) }
        }
        for name in [
            "m.typing", "m.receipt", "m.presence", "m.direct_to_device", "m.device_list_update", "m.signing_key_update",
        ]
        where inside("edus")?.integer(name) != nil {
            ask { $0.edu = EDUKind.named(name) }
        }
        return questions
    }
}
