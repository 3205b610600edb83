// SPDX-License-Identifier: Apache-2.0

/// The event types that this version knows. Source: Client-Server API, the modules' events, as of version 1.16, and the
/// unstable names that clients still send.
enum EventTypes {
    /// Types that are sent with a `state_key`.
    static let state: Set<String> = [
        "m.room.create", "m.room.member", "m.room.power_levels", "m.room.join_rules", "m.room.history_visibility",
        "m.room.guest_access", "m.room.name", "m.room.topic", "m.room.avatar", "m.room.canonical_alias",
        "m.room.aliases", "m.room.encryption", "m.room.server_acl", "m.room.tombstone", "m.room.third_party_invite",
        "m.room.pinned_events", "m.room.policy", "m.space.child", "m.space.parent", "m.policy.rule.user",
        "m.policy.rule.room", "m.policy.rule.server", "m.call.member", "m.beacon_info",
        "org.matrix.msc3401.call", "org.matrix.msc3401.call.member", "org.matrix.msc3672.beacon_info",
        "org.matrix.msc4143.rtc.member",
    ]

    /// Types that are sent without one.
    static let messages: Set<String> = [
        "m.room.message", "m.room.encrypted", "m.room.redaction", "m.reaction", "m.sticker",
        "m.room.message.feedback", "m.location", "m.beacon", "m.poll.start", "m.poll.response", "m.poll.end",
        "m.call.invite", "m.call.candidates", "m.call.answer", "m.call.hangup", "m.call.reject", "m.call.negotiate",
        "m.call.select_answer", "m.call.sdp_stream_metadata_changed", "m.call.notify", "m.rtc.notification",
        "m.rtc.decline", "m.key.verification.request", "m.key.verification.ready", "m.key.verification.start",
        "m.key.verification.accept", "m.key.verification.key", "m.key.verification.mac", "m.key.verification.done",
        "m.key.verification.cancel", "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll.response",
        "org.matrix.msc3381.poll.end", "org.matrix.msc3672.beacon", "org.matrix.msc3488.location",
        "org.matrix.call.negotiate", "org.matrix.call.sdp_stream_metadata_changed",
        "org.matrix.msc4075.call.notify", "org.matrix.msc4075.rtc.notification",
    ]

    /// Both, sorted.
    static let all: [String] = state.union(messages).sorted()

    /// Types that stay in clear in encrypted rooms: nobody encrypts them, and without them rooms break.
    static let alwaysPlain: Set<String> = ["m.room.redaction", "m.reaction"]

    /// State whose change an officer wants to see, whoever may make it: AC-70, AC-72, AC-73.
    static func alert(_ type: String) -> ReasonCode? {
        switch type {
        case "m.room.server_acl": .aclChanged
        case "m.room.policy": .policyServerChanged
        case "m.room.tombstone": .roomTombstone
        default: nil
        }
    }

    /// Whether the type is known in the form in which it came.
    static func isKnown(_ type: String, isState: Bool) -> Bool {
        type.isASCII && (isState ? state : messages).contains(type)
    }
}
