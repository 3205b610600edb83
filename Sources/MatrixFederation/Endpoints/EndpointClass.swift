// SPDX-License-Identifier: Apache-2.0

/// What kind of exchange an endpoint is, as a policy names it in `may:` and `refuse:`.
package enum EndpointClass: String, CaseIterable, Hashable, Sendable {
    /// Well-known and version: how to reach a server and what it runs.
    case discovery
    /// The server's own signing keys.
    case keys
    /// Asking a server for the signing keys of third servers.
    case notary
    /// `make_join`, `send_join`.
    case join
    /// `invite`.
    case invite
    /// `make_knock`, `send_knock`.
    case knock
    /// `make_leave`, `send_leave`.
    case leave
    /// Transactions.
    case send
    /// Events, state and history of rooms.
    case history
    /// Profiles and whether an account exists.
    case profile
    /// Aliases, public rooms, space hierarchies.
    case directory
    /// Device lists and device keys.
    case devices
    /// One-time keys and key queries for end-to-end encryption.
    case endToEndKeys = "e2e_keys"
    /// Authenticated media.
    case media
    /// Media without authentication (`/_matrix/media`), deprecated.
    case legacyMedia = "legacy_media"
    /// OpenID tokens of users, shown by third parties.
    case openID = "openid"
    /// Third-party identifiers: `onbind`, `exchange_third_party_invite`.
    case thirdParty = "third_party"
    /// `/_matrix/policy`: a policy server is asked to sign an event.
    case policyServer = "policy_server"
}
