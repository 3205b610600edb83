// SPDX-License-Identifier: Apache-2.0

/// `send_join`, `send_leave`, `send_knock` and `invite`: a signed membership event under a path that names its room and ID.
/// The reference compares neither room nor ID in some of them (AC-56).
struct MembershipRequest {
    private let request: RequestReader
    private let body: JSONDocument

    typealias Fault = RequestFacts.Fault

    /// Bytes as written, and entries, of the state that comes with an invite.
    static let maxInviteStateBytes = 65_536
    static let maxInviteStateEntries = 32

    init(_ request: RequestReader, _ body: JSONDocument) {
        self.request = request
        self.body = body
    }

    func read(_ membership: Endpoint.Membership, into facts: inout RequestFacts) throws(Fault) {
        let envelope = request.endpoint.requestBody == .inviteEnvelope
        let node = envelope ? body.value("event", of: body.root) : body.root
        guard let node else { throw .body }
        if envelope {
            guard let version = body.value("room_version", of: body.root).flatMap(body.string), !version.isEmpty,
                version.utf8.count <= 32
            else { throw .body }
            facts.roomVersion = version
        }
        var reader = PDUReader(body, likely: request.origin)
        let pdu = reader.read(node)
        if let fault = pdu.fault { throw .event(fault) }
        try checkEvent(pdu, membership, into: &facts)
        try checkEventID(pdu, facts)
        if membership == .invite {
            // Numbers in the envelope: an invite is no place for events of old room versions.
            guard body.hasOnlyCanonicalNumbers else { throw .number }
            facts.inviteState = try inviteState(node, isEnvelope: envelope, facts)
        }
        facts.pdu = pdu
    }

    private func checkEvent(
        _ pdu: PDUFacts, _ membership: Endpoint.Membership, into facts: inout RequestFacts
    ) throws(Fault) {
        guard pdu.type == "m.room.member" else { throw .event(.malformed(.type)) }
        guard let stateKey = pdu.stateKey, let target = try? UserID(stateKey) else {
            throw .event(.malformed(.stateKey))
        }
        guard let actor = try? UserID(pdu.sender) else { throw .event(.malformed(.sender)) }
        guard let room = facts.room, let named = pdu.roomID, room.utf8.elementsEqual(named.utf8) else {
            throw .mismatch
        }
        let content = body.value("content", of: pdu.node)
        guard let said = content.flatMap({ body.value("membership", of: $0) }),
            body.stringEquals(said, membership.rawValue.utf8.span)
        else { throw .mismatch }
        if membership == .invite {
            guard request.isOfOrigin(actor) else { throw .relayedInvite }
            guard target.server == request.destination else { throw .foreignTarget }
        } else {
            guard actor == target else { throw .mismatch }
            guard request.isOfOrigin(actor) else { throw .foreignActor }
        }
        facts.actor = actor
        facts.target = target
        facts.targetCount = 1
    }

    /// The path's ID is the event's: exactly where the room's version is known, else under some version's rules.
    private func checkEventID(_ pdu: PDUFacts, _ facts: RequestFacts) throws(Fault) {
        guard let event = facts.event else { throw .mismatch }
        if let version = facts.roomVersion.flatMap({ RoomVersion($0) }) {
            let computed = EventForm(pdu.node, in: body, version: version).eventID()
            guard let computed, computed.utf8.elementsEqual(event.utf8) else { throw .mismatch }
        } else {
            let candidates = pdu.eventIDs(in: body)
            guard candidates.contains(where: { $0.utf8.elementsEqual(event.utf8) }) else { throw .mismatch }
        }
    }

    /// The state of an invite: in the envelope, or in `unsigned` of the older form. May be missing.
    private func inviteState(
        _ event: JSONDocument.Node, isEnvelope: Bool, _ facts: RequestFacts
    ) throws(Fault) -> JSONDocument.Node? {
        let holder = isEnvelope ? body.root : body.value("unsigned", of: event)
        guard let state = holder.flatMap({ body.value("invite_room_state", of: $0) }) else { return nil }
        guard body.kind(state) == .array, body.rawRange(state).count <= Self.maxInviteStateBytes,
            body.count(state) <= Self.maxInviteStateEntries
        else { throw .inviteState }
        let version = facts.roomVersion.flatMap { RoomVersion($0) }
        for entry in body.elements(of: state) { try checkStateEntry(entry, version, facts) }
        return state
    }

    /// A stripped or full state event of the room that the path names.
    private func checkStateEntry(
        _ entry: JSONDocument.Node, _ version: RoomVersion?, _ facts: RequestFacts
    ) throws(Fault) {
        func isString(_ node: JSONDocument.Node?) -> Bool {
            node.map { body.kind($0) == .string && body.stringLength($0) <= JSONDocument.maxIdentifierBytes } ?? false
        }
        guard let type = body.value("type", of: entry), isString(type), isString(body.value("state_key", of: entry)),
            let sender = body.value("sender", of: entry), isString(sender),
            body.server(of: sender, sigil: UInt8(ascii: "@")) != nil,
            let content = body.value("content", of: entry), body.kind(content) == .object
        else { throw .inviteState }
        if let room = body.value("room_id", of: entry) {
            guard let named = facts.room, body.stringEquals(room, named.utf8.span) else { throw .mismatch }
        }
        // Where the room is named by its create event's hash, a full create event proves the name or refutes it.
        if let version, version.roomIDIsHash, body.isText(type, "m.room.create"),
            body.value("hashes", of: entry) != nil
        {
            let named = EventForm(entry, in: body, version: version).roomID()
            guard let named, let room = facts.room, named.utf8.elementsEqual(room.utf8) else { throw .mismatch }
        }
    }
}
