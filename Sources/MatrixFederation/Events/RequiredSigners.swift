// SPDX-License-Identifier: Apache-2.0

/// The servers whose signatures an event needs. Others that signed do not count, whether good or bad.
/// Source: Server-Server API, "Signing Events", "Validating hashes and signatures on received events".
package struct RequiredSigners: Sendable {
    /// Without repetition; empty for an invite by e-mail, which any server may deliver.
    package let servers: [ServerName]

    /// Nil if a user or an event ID that names a signer cannot be read.
    package init?(of event: EventForm) {
        let document = event.document
        guard let sender = document.value("sender", of: event.node),
            let author = document.server(of: sender, sigil: UInt8(ascii: "@"))
        else { return nil }
        var servers: [ServerName] = []
        func content(_ name: StaticString) -> JSONDocument.Node? {
            document.value("content", of: event.node).flatMap { document.member(name, of: $0) }
        }
        let isMember = document.value("type", of: event.node).map { document.isText($0, "m.room.member") } ?? false
        let membership = isMember ? content("membership") : nil
        let isInvite = membership.map { document.isText($0, "invite") } ?? false
        let isJoin = membership.map { document.isText($0, "join") } ?? false

        if !isInvite || content("third_party_invite") == nil { servers.append(author) }
        if event.version.eventIDs == .inEvent {
            guard let id = document.value("event_id", of: event.node),
                let domain = document.server(of: id, sigil: UInt8(ascii: "$"))
            else { return nil }
            // Also when it is the sender's and the sender is exempt, where the reference asks for nobody.
            if !servers.contains(domain) { servers.append(domain) }
        }
        if event.version.hasRestrictedJoins, isJoin, let user = content("join_authorised_via_users_server") {
            guard let authoriser = document.server(of: user, sigil: UInt8(ascii: "@")) else { return nil }
            if !servers.contains(authoriser) { servers.append(authoriser) }
        }
        self.servers = servers
    }
}
