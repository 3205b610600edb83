// SPDX-License-Identifier: Apache-2.0

/// Invites by e-mail and their binding to users. Spec: Server-Server API, "Third-party invites".
struct ThirdPartyRequest {
    private let request: RequestReader
    private let body: JSONDocument

    typealias Fault = RequestFacts.Fault

    init(_ request: RequestReader, _ body: JSONDocument) {
        self.request = request
        self.body = body
    }

    /// `exchange_third_party_invite`: a partial event whose room the reference takes from the body alone (CVE-2020-26257).
    ///
    /// The inviter is the callee's user, the invited one the caller's, and the identity server signed for the same one.
    func readExchange(into facts: inout RequestFacts) throws(Fault) {
        guard let type = body.value("type", of: body.root), body.isText(type, "m.room.member"),
            let content = body.value("content", of: body.root),
            let membership = body.value("membership", of: content), body.isText(membership, "invite"),
            let sender = user(body.value("sender", of: body.root)),
            let target = user(body.value("state_key", of: body.root)),
            let signed = body.value("third_party_invite", of: content).flatMap({ body.value("signed", of: $0) }),
            let mxid = body.value("mxid", of: signed)
        else { throw .body }
        guard let room = facts.room, let named = body.value("room_id", of: body.root),
            body.stringEquals(named, room.utf8.span), body.stringEquals(mxid, target.text.utf8.span)
        else { throw .mismatch }
        guard sender.server == request.destination else { throw .foreignTarget }
        guard request.isOfOrigin(target) else { throw .foreignActor }
        facts.actor = sender
        facts.target = target
        facts.targetCount = 1
    }

    /// `3pid/onbind`: every invite is for the user who was bound, a user of the callee.
    func readBinding(into facts: inout RequestFacts) throws(Fault) {
        guard let target = user(body.value("mxid", of: body.root)),
            let invites = body.value("invites", of: body.root), body.kind(invites) == .array
        else { throw .body }
        guard target.server == request.destination else { throw .foreignTarget }
        for invite in body.elements(of: invites) {
            guard let mxid = body.value("mxid", of: invite),
                let signed = body.value("signed", of: invite).flatMap({ body.value("mxid", of: $0) })
            else { throw .body }
            guard body.stringEquals(mxid, target.text.utf8.span), body.stringEquals(signed, target.text.utf8.span)
            else {
                throw .mismatch
            }
        }
        facts.target = target
        facts.targetCount = 1
    }

    private func user(_ node: JSONDocument.Node?) -> UserID? {
        node.flatMap(body.string).flatMap { try? UserID($0) }
    }
}
