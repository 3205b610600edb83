// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// A request that somebody asks about: what `entente explain` and the console give to the policy.
package struct PolicyQuestion: Hashable, Sendable {
    package var direction: Direction
    /// The server that asks.
    package var origin: ServerName
    /// The server that is asked; `nil`: not looked at.
    package var destination: ServerName?
    package var endpointClass: EndpointClass
    /// The endpoint's id, for the text only.
    package var endpoint: String?
    /// The room that the request names; `nil`: not known.
    package var room: String?
    /// What is known of that room; `nil`: rooms are not looked at.
    package var roomFacts: RoomFacts?
    /// What is known of the file that is asked for; `nil`: files are not looked at.
    package var media: MediaFacts?
    /// The server of an event's sender, if the question is about an event.
    package var author: ServerName?
    package var eventType: String
    /// The kind of EDU, if the question is about one.
    package var edu: EDUKind?
    /// Who invites whom, if the question is about that.
    package var invitation: Invitation?
    /// The other server is judged as one that would be listed with this state, its keys pinned and without a tier of its
    /// own: what any server of the state may that somebody lists tomorrow. Its name is then only a placeholder.
    package var supposedState: CountryCode?
    /// When it is asked; `nil`: when the policy was looked at last, or no date counts.
    package var time: Timestamp?

    package init(
        direction: Direction, origin: ServerName, destination: ServerName? = nil, endpointClass: EndpointClass,
        endpoint: String? = nil, room: String? = nil, author: ServerName? = nil, eventType: String = "m.room.message",
        edu: EDUKind? = nil
    ) {
        self.direction = direction
        self.origin = origin
        self.destination = destination
        self.endpointClass = endpointClass
        self.endpoint = endpoint
        self.room = room
        self.author = author
        self.eventType = eventType
        self.edu = edu
    }

    /// The same by our server and the other one, whoever of them asks.
    package init(direction: Direction, own: ServerName?, peer: ServerName, endpointClass: EndpointClass) {
        let (origin, destination) = direction == .inbound ? (peer, own) : (own ?? peer, peer)
        self.init(direction: direction, origin: origin, destination: destination, endpointClass: endpointClass)
    }

    /// The name of a server that nobody has listed yet, for questions about a state.
    package static func placeholder(for state: CountryCode) throws(ServerName.Malformed) -> ServerName {
        try ServerName("new-server.\(state.text.lowercased()).invalid")
    }

    /// The question in one line, for people.
    package var text: String {
        var text = "\(direction.rawValue) \(quoted(endpointClass.rawValue))"
        if let endpoint { text += " (\(endpoint))" }
        text += " from \(quoted(origin.text))"
        if let destination { text += " to \(quoted(destination.text))" }
        if let room { text += ", room \(quoted(room))" }
        if let roomFacts { text += ", in a room \(roomFacts.text)" }
        if let media { text += ", a file \(media.text)" }
        if let author { text += ", event \(quoted(eventType)) by \(quoted(author.text))" }
        if let edu { text += ", EDU \(quoted(edu.name))" }
        if let invitation {
            text += ", \(quoted(invitation.sender.text)) inviting \(quoted(invitation.target.text))"
        }
        if let supposedState { text += ", the other being a new server of \(quoted(supposedState.text))" }
        return text
    }

    /// The server that the policy judges: the other one.
    var peer: ServerName? { direction == .inbound ? origin : destination }
    /// The server of ours.
    var own: ServerName? { direction == .inbound ? destination : origin }
}

/// An invitation, by its users.
package struct Invitation: Hashable, Sendable {
    package let sender: UserID
    package let target: UserID

    package init(sender: UserID, target: UserID) {
        self.sender = sender
        self.target = target
    }
}

/// The answer: a verdict and everything that was looked at on the way to it, in order.
package struct PolicyExplanation: Hashable, Sendable {
    /// The first refusal, else the last permission.
    package let verdict: Verdict
    /// What was looked at, one step a line, for people; the last line is the verdict.
    package let lines: [String]

}
