// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

extension EventQuestion {
    /// What a policy may want to know of an event.
    ///
    /// - Parameter document: what the event stands in; `nil`: its content is not looked at.
    init(_ pdu: PDUFacts, in document: JSONDocument?) {
        self.init(author: pdu.authorServer, sender: pdu.sender, type: pdu.type, stateKey: pdu.stateKey)
        guard let document else { return }
        switch pdu.type {
        case "m.room.message": messageType = document.text("msgtype", inContentOf: pdu.node)
        case "m.room.encrypted", "m.room.encryption": algorithm = document.text("algorithm", inContentOf: pdu.node)
        case "m.room.member": membership = document.text("membership", inContentOf: pdu.node)
        default: break
        }
        relation = document.relation(of: pdu.node)
    }
}

extension JSONDocument {
    /// A text in an event's or EDU's content; `nil` if there is none.
    func text(_ name: StaticString, inContentOf node: Node) -> String? {
        content(of: node).flatMap { text(name, of: $0) }
    }

    /// `content.m.relates_to.rel_type`
    fileprivate func relation(of event: Node) -> String? {
        let key: StaticString = "m.relates_to"
        guard let relates = content(of: event).flatMap({ member(key, of: $0) }) else { return nil }
        return text("rel_type", of: relates)
    }

    private func content(of node: Node) -> Node? {
        let key: StaticString = "content"
        return member(key, of: node)
    }

    private func text(_ name: StaticString, of node: Node) -> String? { member(name, of: node).flatMap { string($0) } }
}
