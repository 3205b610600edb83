// SPDX-License-Identifier: Apache-2.0

/// The rules of a room version as far as they concern the form, the hashes and the signatures of events.
///
/// Identifiers are opaque strings, not numbers; versions that are not listed are unknown. Source: Specification, "Room Versions".
package struct RoomVersion: Hashable, Sendable {
    package let id: String
    package let eventIDs: EventIDForm
    /// `!` and the create event's hash, no domain (12).
    package let roomIDIsHash: Bool
    /// Only canonical numbers; others make the event invalid (6).
    package let requiresCanonicalNumbers: Bool
    /// A signing key has to be valid at `origin_server_ts` (5).
    package let checksKeyValidity: Bool
    /// Restricted joins, which a second server signs (8).
    package let hasRestrictedJoins: Bool
    package let redaction: Redaction

    package enum EventIDForm: Hashable, Sendable {
        /// In the event, `$opaque:domain`; references are pairs of id and hashes.
        case inEvent
        /// `$` and the reference hash in standard base64 (3).
        case hash
        /// The same in URL-safe base64 (4).
        case urlSafeHash
    }

    /// What redaction keeps beyond what all versions keep.
    package struct Redaction: Hashable, Sendable {
        /// `prev_state`, `origin` and `membership` at top level (1 to 10).
        package let keepsLegacyMembers: Bool
        /// `aliases` of `m.room.aliases` (1 to 5).
        package let keepsAliases: Bool
        /// `allow` of `m.room.join_rules` (8).
        package let keepsAllow: Bool
        /// `join_authorised_via_users_server` of `m.room.member` (9).
        package let keepsAuthorisingUser: Bool
        /// All of `m.room.create`, `invite` of power levels, `redacts` of redactions, `signed` of third-party invites (11).
        package let keepsRoomRules: Bool
    }

    private init(_ number: Int, id: String) {
        self.id = id
        eventIDs = number <= 2 ? .inEvent : number == 3 ? .hash : .urlSafeHash
        roomIDIsHash = number >= 12
        requiresCanonicalNumbers = number >= 6
        checksKeyValidity = number >= 5
        hasRestrictedJoins = number >= 8
        redaction = Redaction(
            keepsLegacyMembers: number <= 10, keepsAliases: number <= 5, keepsAllow: number >= 8,
            keepsAuthorisingUser: number >= 9, keepsRoomRules: number >= 11)
    }

    /// The version with this identifier; nil if it is unknown.
    package init?(_ id: String) {
        guard let version = Self.known.first(where: { $0.id.utf8.elementsEqual(id.utf8) }) else { return nil }
        self = version
    }

    /// The stable versions, and the unstable ones that the reference knows.
    package static let known: [RoomVersion] =
        (1...12).map { RoomVersion($0, id: String($0)) } + [
            RoomVersion(10, id: "org.matrix.msc3757.10"), RoomVersion(11, id: "org.matrix.msc3757.11"),
            RoomVersion(12, id: "org.matrix.hydra.11"),
        ]

    /// One version for each way to compute an event's ID, the newest last.
    static let eventIDRules: [RoomVersion] = [3, 4, 6, 8, 9, 11].map { RoomVersion($0, id: String($0)) }

    /// The same for events of whose content all versions keep the same.
    static let plainEventIDRules: [RoomVersion] = [3, 4, 11].map { RoomVersion($0, id: String($0)) }

    /// The last of both.
    static let newestEventIDRule = RoomVersion(11, id: "11")

    package static func == (a: RoomVersion, b: RoomVersion) -> Bool { a.id == b.id }

    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
