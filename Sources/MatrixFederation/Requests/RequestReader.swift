// SPDX-License-Identifier: Apache-2.0

/// Reads and compares the identifiers of one request, by the subject of its endpoint.
struct RequestReader {
    let endpoint: Endpoint
    let parameters: PathParameters
    let target: RequestTarget
    let origin: ServerName?
    let destination: ServerName

    typealias Fault = RequestFacts.Fault

    func read(_ body: JSONDocument?, into facts: inout RequestFacts) throws(Fault) {
        if let room = parameters.text(.roomID, in: target) {
            guard (try? RoomID(room)) != nil else { throw .identifier }
            facts.room = room
        }
        if let event = parameters.text(.eventID, in: target) {
            facts.event = try Self.event(event)
        }
        if endpoint.requestBody == .none {
            try readPathAndQuery(into: &facts)
        } else {
            guard let body, body.kind(body.root) == .object else { throw .body }
            try readBody(body, into: &facts)
        }
    }

    private func readPathAndQuery(into facts: inout RequestFacts) throws(Fault) {
        switch endpoint.subject {
        case .room: try readRoomQuery(into: &facts)
        case .membershipTemplate:
            let user = try user(parameters.text(.userID, in: target))
            guard isOfOrigin(user) else { throw .foreignActor }
            facts.actor = user
            facts.target = user
            facts.targetCount = 1
        case .alias:
            guard let alias = target.queryValue("room_alias").flatMap({ try? RoomAlias($0) }) else { throw .identifier }
            guard alias.server == destination else { throw .foreignTarget }
            facts.alias = alias
        case .profile: try readTarget(target.queryValue("user_id"), into: &facts)
        case .devices: try readTarget(parameters.text(.userID, in: target), into: &facts)
        case .media: try readMedia(into: &facts)
        default: break
        }
    }

    private func readRoomQuery(into facts: inout RequestFacts) throws(Fault) {
        for event in [target.queryValue("event_id")].compactMap(\.self) + target.queryValues("v") {
            let event = try Self.event(event)
            if facts.event == nil { facts.event = event }
        }
    }

    private func readTarget(_ text: String?, into facts: inout RequestFacts) throws(Fault) {
        let user = try user(text)
        guard user.server == destination else { throw .foreignTarget }
        facts.target = user
        facts.targetCount = 1
    }

    /// Media IDs are compared raw: none needs an escape. The server of the unauthenticated paths is the one called.
    private func readMedia(into facts: inout RequestFacts) throws(Fault) {
        if let server = parameters.text(.serverName, in: target) {
            guard server.utf8.elementsEqual(destination.text.utf8) else { throw .foreignTarget }
        }
        guard let segment = parameters.segment(of: .mediaID) else { throw .mediaIdentifier }
        let bytes = target.bytes[target.segment(segment)]
        guard (1...255).contains(bytes.count), bytes.allSatisfy(Self.isMediaByte) else { throw .mediaIdentifier }
        facts.mediaID = String(decoding: bytes, as: UTF8.self)
    }

    private static func isMediaByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private func readBody(_ body: JSONDocument, into facts: inout RequestFacts) throws(Fault) {
        switch endpoint.subject {
        case .transaction: return  // `Transaction` reads it, item by item.
        case .membershipEvent(let membership):
            try MembershipRequest(self, body).read(membership, into: &facts)
            return
        case .policyServer:
            try readPolicyServerEvent(body, into: &facts)
            return
        default: break
        }
        // No event of an old room version is in these, so their numbers are canonical.
        guard body.hasOnlyCanonicalNumbers else { throw .number }
        switch endpoint.subject {
        case .exchangeThirdPartyInvite: try ThirdPartyRequest(self, body).readExchange(into: &facts)
        case .onBind: try ThirdPartyRequest(self, body).readBinding(into: &facts)
        case .usersOf(let member): try readUsers(member, body, into: &facts)
        case .accounts: try readAccounts(body, into: &facts)
        default: break
        }
    }

    private func readUsers(
        _ member: Endpoint.DeviceMember, _ body: JSONDocument, into facts: inout RequestFacts
    ) throws(Fault) {
        let name: StaticString = member == .deviceKeys ? "device_keys" : "one_time_keys"
        guard let users = body.member(name, of: body.root), body.kind(users) == .object else { throw .body }
        let server = [UInt8](destination.text.utf8)
        for (user, _) in body.members(of: users) {
            guard body.isUser(user, of: server) else { throw .foreignTarget }
            facts.targetCount += 1
        }
    }

    private func readAccounts(_ body: JSONDocument, into facts: inout RequestFacts) throws(Fault) {
        guard let users = body.value("user_ids", of: body.root), body.kind(users) == .array else { throw .body }
        let server = [UInt8](destination.text.utf8)
        for user in body.elements(of: users) {
            guard body.isUser(user, of: server) else { throw .foreignTarget }
            facts.targetCount += 1
        }
    }

    /// Any event but the one that names the policy server. Its sender may be of any server, since receivers ask too.
    private func readPolicyServerEvent(_ body: JSONDocument, into facts: inout RequestFacts) throws(Fault) {
        var reader = PDUReader(body, likely: origin)
        let pdu = reader.read(body.root)
        if let fault = pdu.fault { throw .event(fault) }
        guard pdu.type != "m.room.policy" || pdu.stateKey != "" else { throw .event(.malformed(.type)) }
        facts.pdu = pdu
        facts.room = pdu.roomID
        facts.actor = try? UserID(pdu.sender)
    }

    /// Nobody is of an origin that was not proved.
    func isOfOrigin(_ user: UserID) -> Bool { origin != nil && user.server == origin }

    private func user(_ text: String?) throws(Fault) -> UserID {
        guard let user = text.flatMap({ try? UserID($0) }) else { throw .identifier }
        return user
    }

    private static func event(_ text: String) throws(Fault) -> String {
        guard (try? EventID(text)) != nil else { throw .identifier }
        return text
    }
}
