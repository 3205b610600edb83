// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

extension RecordEncoder {
    /// The members of a decision, in the order of their keys.
    mutating func encode(_ record: borrowing AuditRecord) {
        begin()
        let contents = record.contents
        let names = contents.level > .minimal
        let keys = names ? RecordKeys(self, record) : nil
        // A refusal stays on record all the same: nothing passes by it.
        if record.decision.passes { failure = keys?.failure }
        alerts(record.alerts)
        authors(record.authors)
        member(#""decision":"#, record.decision.rawValue)
        destination(record.destination)
        member(#""direction":"#, record.direction.rawValue)
        durations(record.durations)
        edus(record.edus)
        member(#""endpoint_class":"#, record.endpoint?.endpointClass?.rawValue)
        if names { events(contents) }
        member(#""explain":"#, record.explain, limit: 300)
        http(record.http)
        kind(#""request""#)
        if contents.level != .standard { member(#""level":"#, contents.level.rawValue) }
        if let keys { media(contents.media, keys) }
        member(#""method":"#, record.endpoint?.method ?? record.method, limit: 64)
        member(#""network":"#, record.network)
        nodeMember()
        origin(record.origin)
        member(#""path_template":"#, record.endpoint?.pathTemplate)
        pdus(record.pdus)
        policy(record.policy)
        member(#""reason_code":"#, record.reason.rawValue)
        refusals(record.refusals, named: names, until: Self.refusalsLimit - (keys?.reserve ?? 0))
        if names {
            // The hash of a small body would tell the few users in it to whoever guesses them.
            digest(#""req_sha256":"#, record.requestHash)
            reference(#""room":"#, record.room)
            references(#""rooms":["#, #""rooms_omitted":"#, contents.rooms, limit: Self.roomsLimit)
        }
        member(#""rule_id":"#, record.ruleID)
        sealed(keys?.sealed)
        sequence()
        shadow(record.shadow)
        if let keys { people(contents, keys) }
        time(#""time":"#, microseconds: record.time)
        tls(record.tls)
        end()
    }

    private mutating func alerts(_ alerts: [ReasonCode]) {
        guard !alerts.isEmpty else { return }
        object(#""alerts":["#)
        for alert in alerts { text(alert.rawValue) }
        closeArray()
    }

    private mutating func authors(_ authors: [AuditRecord.Author]) {
        guard !authors.isEmpty else { return }
        object(#""authors":["#)
        var omitted = authors.count
        for author in authors {
            if written > Self.authorsLimit { break }
            element()
            member(#""count":"#, author.count)
            member(#""domain":"#, author.domain)
            close()
            omitted -= 1
        }
        closeArray()
        if omitted > 0 { member(#""authors_omitted":"#, omitted) }
    }

    private mutating func destination(_ destination: AuditRecord.Destination) {
        guard destination.server != nil || destination.state != nil || destination.tier != nil else { return }
        object(#""destination":{"#)
        member(#""server":"#, destination.server)
        member(#""state":"#, destination.state)
        member(#""tier":"#, destination.tier)
        close()
    }

    mutating func durations(_ durations: AuditRecord.Durations?) {
        guard let durations else { return }
        object(#""dur_us":{"#)
        member(#""auth":"#, durations.auth)
        member(#""policy":"#, durations.policy)
        member(#""total":"#, durations.total)
        member(#""upstream":"#, durations.upstream)
        close()
    }

    private mutating func edus(_ edus: AuditRecord.EDUCounts?) {
        guard let edus else { return }
        object(#""edus":{"#)
        count(#""m.device_list_update":"#, edus.deviceLists)
        count(#""m.direct_to_device":"#, edus.toDevice)
        count(#""m.presence":"#, edus.presence)
        count(#""m.receipt":"#, edus.receipts)
        count(#""m.signing_key_update":"#, edus.signingKeys)
        count(#""m.typing":"#, edus.typing)
        count(#""other":"#, edus.other)
        close()
    }

    mutating func http(_ http: AuditRecord.HTTP?) {
        guard let http else { return }
        object(#""http":{"#)
        member(#""bytes_in":"#, http.bytesIn)
        member(#""bytes_out":"#, http.bytesOut)
        member(#""errcode":"#, http.errcode, limit: 255)
        member(#""status":"#, http.status)
        close()
    }

    private mutating func origin(_ origin: AuditRecord.Origin) {
        object(#""origin":{"#)
        member(#""authenticated":"#, origin.authenticated)
        member(#""claimed":"#, origin.claimed)
        member(#""key_id":"#, origin.keyID, limit: 255)
        member(#""state":"#, origin.state)
        member(#""tier":"#, origin.tier)
        close()
    }

    private mutating func pdus(_ pdus: AuditRecord.PDUCounts?) {
        guard let pdus else { return }
        object(#""pdus":{"#)
        member(#""forwarded":"#, pdus.forwarded)
        member(#""in":"#, pdus.received)
        member(#""refused":"#, pdus.refused)
        close()
    }

    private mutating func refusals(_ refusals: [AuditRecord.Refusal], named: Bool, until limit: Int) {
        guard !refusals.isEmpty else { return }
        object(#""refusals":["#)
        var omitted = refusals.count
        for refusal in refusals {
            if written > limit { break }
            element()
            member(#""author":"#, refusal.author)
            if named {
                reference(#""event":"#, refusal.event)
                if !refusal.otherEvents.isEmpty {
                    object(#""event_other":["#)
                    for other in refusal.otherEvents.prefix(Self.otherEventsLimit) { element(other) }
                    closeArray()
                }
            }
            member(#""reason":"#, refusal.reason.rawValue)
            member(#""rule_id":"#, refusal.ruleID)
            member(#""type":"#, refusal.type.map(Self.unnamed))
            close()
            omitted -= 1
        }
        closeArray()
        if omitted > 0 { member(#""refusals_omitted":"#, omitted) }
    }

    /// Types are words; what has the form of a user, room or event instead is not shown.
    private static func unnamed(_ type: String) -> String {
        guard let first = type.unicodeScalars.first, ["@", "!", "$", "#"].contains(first) else { return type }
        return "\(first)…"
    }

    private mutating func shadow(_ shadow: AuditRecord.Shadow?) {
        guard let shadow else { return }
        object(#""shadow":{"#)
        member(#""decision":"#, shadow.decision.rawValue)
        member(#""rule_id":"#, shadow.ruleID)
        close()
    }

    private mutating func tls(_ tls: AuditRecord.TLS?) {
        guard let tls else { return }
        object(#""tls":{"#)
        member(#""group":"#, tls.group, limit: 64)
        digest(#""peer_spki":"#, tls.peerSPKI)
        member(#""suite":"#, tls.suite, limit: 64)
        member(#""version":"#, tls.version, limit: 64)
        close()
    }
}
