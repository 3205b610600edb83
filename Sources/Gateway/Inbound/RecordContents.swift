// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// Gathers for the record which rooms, events, people and files a proved request is about, as far as its tier's level wants it.
///
/// Bounded whatever the request holds: a transaction has at most 50 events, and of other lists so many are looked at as a
/// record could name; the rest is counted.
struct RecordContents {
    private let level: AuditLevel
    private let request: AuthenticatedRequest
    private let decided: DecidedRequest?
    private let references: ReferenceMaker

    /// So many names of a list are looked at.
    private static let limit = 64

    init(
        _ level: AuditLevel, _ request: AuthenticatedRequest, _ decided: DecidedRequest?, _ references: ReferenceMaker
    ) {
        (self.level, self.request, self.decided, self.references) = (level, request, decided, references)
    }

    /// - Parameter passes: whether what is decided lets something pass.
    func contents(passes: Bool, from connection: InboundConnection) -> AuditRecord.Contents {
        var contents = AuditRecord.Contents(level: level)
        guard level > .minimal else { return contents }
        if level.isSealed {
            var clear = ClearContents()
            clear.peer = connection.address?.description
            let target = request.admitted.received.target
            clear.path = String(decoding: target.bytes[..<target.pathEnd], as: UTF8.self)
            contents.clear = clear
        }
        switch decided?.facts {
        case .transaction(let transaction, let plan): add(transaction, plan, passes, to: &contents)
        case .request(let facts): add(facts, to: &contents)
        case nil, .some(.none): break
        }
        return contents
    }

    // MARK: Transactions

    private func add(
        _ transaction: Transaction, _ plan: TransactionPlan, _ passes: Bool, to contents: inout AuditRecord.Contents
    ) {
        guard let document = request.document else { return }
        var refused: Set<Int> = []
        for item in plan.refused { if case .pdu(let index) = item.item { refused.insert(index) } }
        var senders = DistinctTexts()
        var rooms = DistinctTexts()
        for (index, pdu) in transaction.pdus.enumerated() {
            if pdu.authorServer != nil { senders.add(pdu.sender) }
            if let room = pdu.roomID { rooms.add(room) }
            // Refused events have a list of their own, and where the policy only watches they pass all the same.
            let isListed = passes || !refused.contains(index)
            guard contents.clear != nil else {
                if isListed { contents.events += references.references(of: pdu, in: document) }
                continue
            }
            let ids = pdu.recordedIDs(in: document, references.hasher)
            if isListed { contents.events += ids.map { references.reference(.event, $0) } }
            let event = ClearContents.Event(ids: ids, room: pdu.roomID, sender: pdu.sender, type: pdu.type)
            if refused.contains(index) {
                contents.clear?.refused.append(event)
            } else if level == .full {
                contents.clear?.events.append(event)
            }
        }
        contents.subjects = senders.texts
        if rooms.texts.count > 1 { contents.rooms = rooms.texts.map { references.reference(.room, $0) } }
        guard contents.clear != nil else { return }
        if rooms.texts.count == 1 { contents.clear?.room = rooms.texts.first }
        guard level == .full else { return }
        contents.clear?.edus = transaction.edus.map { edu in
            ClearContents.EDU(
                type: edu.type(in: document), users: edu.users(in: document, limit: Self.limit))
        }
    }

    // MARK: Other requests

    private func add(_ facts: RequestFacts, to contents: inout AuditRecord.Contents) {
        contents.subject = facts.actor?.text
        if let target = facts.target, target != facts.actor { contents.target = target.text }
        contents.media = facts.mediaID
        if facts.target == nil, facts.targetCount > 0 { addTargets(facts.targetCount, to: &contents) }
        var asked: [String] = []
        if let pdu = facts.pdu, let document = request.document {
            // Where the path names the event, it was compared with what the event is.
            let ids = facts.event.map { [EventID.urlSafe($0)] } ?? pdu.recordedIDs(in: document, references.hasher)
            contents.events = ids.map { references.reference(.event, $0) }
            if level == .full {
                contents.clear?.events = [
                    ClearContents.Event(ids: ids, room: nil, sender: pdu.sender, type: pdu.type)
                ]
            }
        } else {
            asked = askedEvents(facts, omitted: &contents.eventsAskedOmitted)
        }
        contents.eventsAsked = asked.map { references.reference(.event, $0) }
        guard contents.clear != nil else { return }
        contents.clear?.room = facts.room
        contents.clear?.alias = facts.alias?.text
        contents.clear?.eventsAsked = asked
    }

    /// Users in the body of a query.
    private func addTargets(_ count: Int, to contents: inout AuditRecord.Contents) {
        guard let document = request.document else { return }
        var users: [String] = []
        func add(_ node: JSONDocument.Node) { if let user = document.string(node) { users.append(user) } }
        switch request.admitted.received.endpoint.subject {
        case .usersOf(let member):
            let name: StaticString = member == .deviceKeys ? "device_keys" : "one_time_keys"
            guard let list = document.member(name, of: document.root) else { return }
            for (key, _) in document.members(of: list).prefix(Self.limit) { add(key) }
        case .accounts:
            let name: StaticString = "user_ids"
            guard let list = document.member(name, of: document.root) else { return }
            for node in document.elements(of: list).prefix(Self.limit) { add(node) }
        default: return
        }
        if count == 1 {
            contents.target = users.first
        } else {
            contents.targets = users
            contents.targetsOmitted = max(count - users.count, 0)
        }
    }

    /// The events in path, query or body that the request names and does not carry, distinct.
    private func askedEvents(_ facts: RequestFacts, omitted: inout Int) -> [String] {
        let received = request.admitted.received
        var events = DistinctTexts()
        if let event = facts.event { events.add(EventID.urlSafe(event)) }
        guard received.endpoint.subject == .room else { return events.texts }
        for event in received.target.queryValues("v") { events.add(EventID.urlSafe(event)) }
        guard let document = request.document else { return events.texts }
        let (earliest, latest): (StaticString, StaticString) = ("earliest_events", "latest_events")
        for name in [earliest, latest] {
            guard let list = document.member(name, of: document.root) else { continue }
            for node in document.elements(of: list) {
                guard events.texts.count < Self.limit else {
                    omitted += 1
                    continue
                }
                if let event = document.string(node) { events.add(EventID.urlSafe(event)) }
            }
        }
        return events.texts
    }
}

/// Texts without repetition, in the order in which they came. For few of them.
private struct DistinctTexts {
    private(set) var texts: [String] = []

    mutating func add(_ text: String) {
        // Mostly the one before, which is the same storage; or of another length.
        let length = text.utf8.count
        if !texts.reversed().contains(where: { $0.utf8.count == length && $0.utf8.elementsEqual(text.utf8) }) {
            texts.append(text)
        }
    }
}
