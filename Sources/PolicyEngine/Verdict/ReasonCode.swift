// SPDX-License-Identifier: Apache-2.0

/// Why a request, an event or an EDU was refused, as the audit record says it. Never shown to a peer.
///
/// The names follow the table of abuse cases; `docs/audit.md` explains each to the officer.
package enum ReasonCode: String, CaseIterable, Hashable, Sendable {
    case allowed = "policy.allowed"

    case authMissing = "auth.missing"
    case authHeaderMalformed = "auth.header_malformed"
    case authMultipleOrigins = "auth.multiple_origins"
    case authDestinationMismatch = "auth.destination_mismatch"
    case authDestinationMissing = "auth.destination_missing"
    case authKeyOld = "auth.key_old"
    case authKeyExpired = "auth.key_expired"
    case authKeyUnknown = "auth.key_unknown"
    case authSignatureInvalid = "auth.sig_invalid"
    case keysClockDoubtful = "keys.clock_doubtful"
    case quarantined = "qod.quarantined"
    case keysConflict = "keys.conflict"
    case keysDenylisted = "keys.denylisted"
    case keysResponseInvalid = "keys.response_invalid"
    case keysUnavailable = "keys.unavailable"

    case originUnknown = "origin.unknown"
    case originBlocked = "origin.blocked"
    case reviewOverdue = "trust.review_overdue"
    case keysOverdue = "trust.keys_overdue"
    case ownerChanged = "trust.owner_changed"
    case lockdown = "policy.lockdown"
    case exceptionRefused = "exception.refused"
    case originLookalike = "origin.lookalike_of"
    case originHomograph = "origin.homograph"
    case originIPLiteral = "origin.ip_literal"
    case originListStale = "origin.list_stale"

    case httpFraming = "http.framing"
    case httpUnsupported = "http.unsupported"
    case httpLimits = "http.limits"
    case httpSlow = "http.slow"
    case httpCompression = "http.compression"
    case httpContentType = "http.content_type"
    case pathNonCanonical = "path.noncanonical"
    case pathEncoding = "path.encoding"
    case queryAmbiguous = "query.ambiguous"
    case tlsServerNameMismatch = "tls.sni_host_mismatch"
    case tlsRefused = "tls.refused"
    case tlsClientCertificate = "tls.client_certificate"
    case tlsPinMismatch = "tls.pin_mismatch"
    case channelMismatch = "auth.channel_mismatch"
    case networkMismatch = "network.mismatch"
    case networkAuthor = "network.author"

    case jsonInvalid = "json.invalid"
    case jsonDuplicateKey = "json.duplicate_key"
    case jsonLimits = "json.limits"
    case jsonNumber = "json.number"
    case jsonEncoding = "json.encoding"

    case endpointUnknown = "endpoint.unknown"
    case endpointMethod = "endpoint.method"
    case endpointRefused = "endpoint.refused"

    case pduMalformed = "pdu.malformed"
    case pduPathMismatch = "pdu.path_mismatch"
    case pduAuthorDenied = "pdu.author_denied"
    case pduTypeRefused = "pdu.type_refused"
    case pduTypeUnknown = "pdu.type_unknown"
    case pduLimits = "pdu.limits"
    case inviteRelayed = "invite.relayed"
    case memberForeign = "member.foreign"
    case transactionOrigin = "send.origin_mismatch"
    case transactionMixed = "send.mixed"
    case transactionWithheld = "send.withheld"
    case eduRefused = "edu.refused"
    case eduUnknown = "edu.unknown"
    case eduSubjectMismatch = "edu.subject_mismatch"
    case eduToDevice = "edu.to_device"
    case mediaIdentifier = "media.identifier"
    case mediaDenied = "media.denied"
    case mediaUnknown = "media.unknown"

    case limitOrigin = "limit.origin"
    case enumProfile = "enum.profile"
    case enumKeysClaim = "enum.keys_claim"

    case aclChanged = "acl.changed"
    case policyServerChanged = "policyserver.changed"
    case roomTombstone = "room.tombstone"
    case roomPlaintext = "room.plaintext"
    case roomUnencrypted = "room.unencrypted"
    case roomVersion = "room.version"
    case roomUnknown = "room.unknown"
    case roomDeniedServerJoined = "room.denied_server_joined"
    case joinRoomTainted = "join.room_tainted"
    case inviteRoomTainted = "invite.room_tainted"
    case encryptionAlgorithm = "encryption.algorithm"
    case userBridgeDenied = "user.bridge_denied"
    case inviteSenderDenied = "invite.sender_denied"
    case inviteTargetDenied = "invite.target_denied"
    case labelMissing = "label.missing"
    case labelUnknown = "label.unknown"
    case labelCeiling = "label.ceiling"
    case hoursOutside = "hours.outside"

    case outSSRF = "out.ssrf"
    case outPort = "out.port"
    case discoveryInvalid = "discovery.invalid"
    case discoveryRedirect = "discovery.redirect"
    case discoveryChanged = "discovery.changed"
    case networkChanged = "discovery.network_changed"

    case peerLeft = "peer.left"
    case upstreamFailed = "upstream.failed"
    case upstreamTimeout = "upstream.timeout"
    case upstreamResponse = "upstream.response"
    case auditUnavailable = "audit.unavailable"
    case sinkFull = "audit.sink_full"
    case policyUnavailable = "policy.unavailable"
    case policyExpired = "policy.expired"
    case draining = "gateway.draining"
    case overload = "limit.overload"
    case shadow = "policy.shadow"

    /// Whether it means that a server is not where, or not with the key, that the policy says. AC-06, AC-111.
    package var isAlarm: Bool { self == .tlsPinMismatch || self == .networkChanged }

    /// Whether the server is refused for being in no list that counts, so that a newer list may admit it.
    package var isOfUnlistedServer: Bool {
        switch self {
        case .originUnknown, .originLookalike, .originHomograph, .originIPLiteral, .originListStale: true
        default: false
        }
    }
}
