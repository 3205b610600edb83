// SPDX-License-Identifier: Apache-2.0

/// `as_author`: what becomes of an event whose author may not send, when somebody else delivers it.
enum AuthorEffect: String, CaseIterable, Hashable, Sendable {
    case refuse
    /// Its content is taken away and the rest stays, so that the room's graph stays whole. State that sets a room's rules is
    /// refused all the same.
    case redact
}

extension EventTypes {
    /// State that sets a room's rules, and redactions: never passed in redacted form, because that changes who may what.
    static let ruling: Set<String> = [
        "m.room.create", "m.room.member", "m.room.power_levels", "m.room.join_rules", "m.room.history_visibility",
        "m.room.server_acl", "m.room.encryption", "m.room.policy", "m.room.third_party_invite", "m.room.tombstone",
        "m.room.redaction",
    ]
}
