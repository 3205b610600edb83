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
    /// The server of an event's sender, if the question is about an event.
    package var author: ServerName?
    package var eventType: String
    /// The kind of EDU, if the question is about one.
    package var edu: EDUKind?

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

    /// The server that the policy judges: the other one.
    var peer: ServerName? { direction == .inbound ? origin : destination }
    /// The server of ours.
    var own: ServerName? { direction == .inbound ? destination : origin }
}

/// The answer: a verdict and everything that was looked at on the way to it, in order.
package struct PolicyExplanation: Hashable, Sendable {
    /// The first refusal, else the last permission.
    package let verdict: Verdict
    /// What was looked at, one step a line, for people; the last line is the verdict.
    package let lines: [String]

}
