// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What somebody who asks tells of an event beside its type and its author's server; `nil`: as it mostly is.
package struct AskedEvent: Hashable, Sendable {
    /// `sender`, whole.
    package var sender: String?
    /// Whom a membership is about, whole.
    package var target: String?
    package var isState: Bool?
    /// `content.msgtype`.
    package var messageType: String?
    /// `content.algorithm`.
    package var algorithm: String?

    package init(
        sender: String? = nil, target: String? = nil, isState: Bool? = nil, messageType: String? = nil,
        algorithm: String? = nil
    ) {
        self.sender = sender
        self.target = target
        self.isState = isState
        self.messageType = messageType
        self.algorithm = algorithm
    }

    /// Whether something is told.
    package var isTold: Bool { self != AskedEvent() }

    /// The event to judge.
    func question(type: String, by author: ServerName, membership: String? = nil) -> EventQuestion {
        var event = EventQuestion(typical: type, by: author)
        if let sender { event.sender = sender }
        if let isState { event.stateKey = isState ? event.stateKey ?? "" : nil }
        if let target { event.stateKey = target }
        if let messageType { event.messageType = messageType }
        if let algorithm { event.algorithm = algorithm }
        if let membership { event.membership = membership }
        return event
    }

    /// For people, to follow the type.
    var text: String {
        var parts: [String] = []
        if let isState { parts.append(isState ? "as state" : "as a message") }
        if let messageType { parts.append("msgtype \(quoted(messageType))") }
        if let algorithm { parts.append("algorithm \(quoted(algorithm))") }
        if let sender { parts.append("sender \(quoted(sender))") }
        if let target { parts.append("target \(quoted(target))") }
        return parts.joined(separator: ", ")
    }
}

extension EndpointClass {
    /// What the event of such a request makes of its user.
    var membership: String? {
        switch self {
        case .join: "join"
        case .invite: "invite"
        case .knock: "knock"
        case .leave: "leave"
        default: nil
        }
    }
}
