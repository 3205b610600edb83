// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// A question as a trial or the flags of `explain` write it: what is left out is filled in from the policy.
package struct PolicyTrialQuestion: Sendable {
    package var direction = Direction.inbound
    package var from: ServerName?
    package var to: ServerName?
    /// Instead of the other server: a new one of this state.
    package var state: CountryCode?
    package var endpointClass = EndpointClass.send
    package var endpoint: String?
    package var author: ServerName?
    package var eventType: String?
    package var event = AskedEvent()
    package var edu: EDUKind?
    package var room: String?
    package var network: String?
    var roomFacts: RoomFacts?
    var media: MediaFacts?
    var invitation: Invitation?
    package var time: Timestamp?
    /// In force when it is asked.
    var lockdowns: [Located<String>] = []

    package init() {}

    /// The question to this policy; outbound without `from`, its first own server asks.
    package func question(to policy: Policy) -> PolicyQuestion? {
        let placeholder = state.flatMap { try? PolicyQuestion.placeholder(for: $0) }
        let (own, other) = direction == .inbound ? (to, from) : (from ?? policy.ownServers.first, to)
        guard let peer = other ?? placeholder else { return nil }
        var question = PolicyQuestion(direction: direction, own: own, peer: peer, endpointClass: endpointClass)
        question.endpoint = endpoint
        question.supposedState = state
        // An event type without an author is one that the other server wrote.
        // So is one of which more is told, in a transaction.
        let isAboutEvent = eventType != nil || (endpointClass == .send && event.isTold)
        let sender = event.sender.flatMap { try? UserID($0) }?.server
        question.author = author ?? (isAboutEvent ? sender ?? peer : nil)
        question.event = event
        question.eventType = eventType ?? question.eventType
        question.edu = edu
        question.room = room
        question.network = network
        question.roomFacts = roomFacts
        question.media = media
        question.invitation = invitation
        question.time = time
        return question
    }
}
