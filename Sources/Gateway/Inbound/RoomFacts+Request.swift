// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

extension Endpoint {
    /// On what occasion a request is asked about its room; `nil`: it is not.
    ///
    /// History of a room that a server has joined is not refused half way (its joins and its events are), and leaving is always good.
    var roomOccasion: RoomOccasion? {
        switch subject {
        case .membershipTemplate(.join), .membershipTemplate(.knock), .membershipEvent(.join), .membershipEvent(.knock):
            .join
        case .membershipEvent(.invite), .exchangeThirdPartyInvite: .invite
        case .policyServer: .traffic
        default: nil
        }
    }
}

extension RoomFacts {
    /// What the request itself says of its room, and nothing that it merely leaves open.
    init(_ facts: RequestFacts, _ received: ReceivedRequest, in document: JSONDocument?) {
        self.init(identifier: facts.room)
        version = facts.roomVersion
        switch received.endpoint.subject {
        case .membershipTemplate(.join), .membershipTemplate(.knock):
            // The homeserver refuses a room of another version. Without the parameter it is version 1.
            let spoken = received.target.queryValues("ver")
            narrowVersion(to: spoken.isEmpty ? ["1"] : spoken)
        case .membershipEvent(.invite):
            // The first form of invitations is for the first two versions only.
            if facts.roomVersion == nil { narrowVersion(to: ["1", "2"]) }
            if let document, let state = facts.inviteState, document.saysEncrypted(state) { isEncrypted = true }
        default: break
        }
    }
}

extension JSONDocument {
    /// Whether a room's state holds its encryption. That it does not proves nothing: few events are shown.
    fileprivate func saysEncrypted(_ state: Node) -> Bool {
        let (type, key): (StaticString, StaticString) = ("type", "state_key")
        return elements(of: state).contains { event in
            member(type, of: event).flatMap { string($0) } == "m.room.encryption"
                && member(key, of: event).flatMap { string($0) } == ""
                && text("algorithm", inContentOf: event)?.isEmpty == false
        }
    }

    /// Whether an update of a device list shows the name of the device.
    func namesDevice(_ edu: Node) -> Bool {
        let (content, name): (StaticString, StaticString) = ("content", "device_display_name")
        let (keys, unsigned): (StaticString, StaticString) = ("keys", "unsigned")
        guard let update = member(content, of: edu) else { return false }
        if member(name, of: update) != nil { return true }
        guard let signed = member(keys, of: update) else { return false }
        return member(unsigned, of: signed).flatMap { member(name, of: $0) } != nil
    }
}
