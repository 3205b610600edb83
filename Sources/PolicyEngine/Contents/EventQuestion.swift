// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// An event that somebody asks about: who wrote it and what of it is readable.
package struct EventQuestion: Hashable, Sendable {
    /// The server of `sender`; `nil` if the sender has none.
    package var author: ServerName?
    /// `sender`, whole; empty: not looked at.
    package var sender: String
    package var type: String
    /// Present on state events, also when empty.
    package var stateKey: String?
    /// `content.msgtype`.
    package var messageType: String?
    /// `content.algorithm`, of encrypted events and of `m.room.encryption`.
    package var algorithm: String?
    /// `content.m.relates_to.rel_type`.
    package var relation: String?
    /// `content.membership`.
    package var membership: String?

    package init(
        author: ServerName?, sender: String = "", type: String, stateKey: String? = nil, messageType: String? = nil,
        algorithm: String? = nil, relation: String? = nil, membership: String? = nil
    ) {
        self.author = author
        self.sender = sender
        self.type = type
        self.stateKey = stateKey
        self.messageType = messageType
        self.algorithm = algorithm
        self.relation = relation
        self.membership = membership
    }

    /// An event of which only the type is told, as it mostly is: known state as state, what is encrypted by Megolm.
    init(typical type: String, by author: ServerName) {
        self.init(author: author, type: type, stateKey: EventTypes.isKnown(type, isState: true) ? "" : nil)
        if isEncrypted || type == "m.room.encryption" { algorithm = "m.megolm.v1.aes-sha2" }
        if type == "m.room.member" { membership = "join" }
    }

    package var isState: Bool { stateKey != nil }
    package var isEncrypted: Bool { type == "m.room.encrypted" && !isState }

    /// Every family that the event belongs to.
    var families: [EventFamily] {
        var families: [EventFamily] = []
        if let family = EventFamily.ofType(type) { families.append(family) }
        if !isState, type == "m.room.message", let family = messageType.flatMap(EventFamily.ofMessageType) {
            families.append(family)
        }
        if relation == "m.annotation", !families.contains(.reactions) { families.append(.reactions) }
        return families
    }
}

/// What decides against something, or marks it.
enum Finding: Hashable, Sendable {
    case refused(ReasonCode, RuleReference?)
    case alert(ReasonCode)
}
