// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// A question as a trial writes it: what is left out is filled in from the policy.
package struct PolicyTrialQuestion: Sendable {
    var direction = Direction.inbound
    var from: ServerName?
    var to: ServerName?
    /// Instead of the other server: a new one of this state.
    var state: CountryCode?
    var endpointClass = EndpointClass.send
    var endpoint: String?
    var author: ServerName?
    var eventType: String?
    var edu: EDUKind?
    var room: String?
    var roomFacts: RoomFacts?
    var media: MediaFacts?
    var invitation: Invitation?
    var time: Timestamp?
    /// In force when it is asked.
    var lockdowns: [Located<String>] = []

    /// The question to this policy; outbound without `from`, its first own server asks.
    func question(to policy: Policy) -> PolicyQuestion? {
        let placeholder = state.flatMap { try? PolicyQuestion.placeholder(for: $0) }
        let (own, other) = direction == .inbound ? (to, from) : (from ?? policy.ownServers.first, to)
        guard let peer = other ?? placeholder else { return nil }
        var question = PolicyQuestion(direction: direction, own: own, peer: peer, endpointClass: endpointClass)
        question.endpoint = endpoint
        question.supposedState = state
        // An event type without an author is one that the other server wrote.
        question.author = author ?? (eventType == nil ? nil : peer)
        question.eventType = eventType ?? question.eventType
        question.edu = edu
        question.room = room
        question.roomFacts = roomFacts
        question.media = media
        question.invitation = invitation
        question.time = time
        return question
    }
}
