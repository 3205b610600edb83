// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// One entry of `assert`: nothing that fits all of its conditions may be allowed.
struct Assertion: Sendable {
    /// Where `never` is written.
    let place: YAMLPlace
    /// As it is written, in one line, for messages.
    var text = ""
    var directions: Set<Direction>?
    /// Of the other server, which asks or is asked.
    var tiers: [Located<String>]?
    /// Codes and names of groups, and `none`.
    var states: [Located<String>]?
    var servers: Set<ServerName>?
    var classes: Set<EndpointClass>?
    var edus: Set<EDUType>?
    /// Of the server of an event's author.
    var authorTiers: [Located<String>]?
    var eventTypes: Set<String>?
    /// Of the room; one of which it is not known fits, too.
    var roomEncrypted: Bool?
    /// Of a server in the room besides ours and the other one; a room whose servers are not known fits, too.
    var otherServersTiers: [Located<String>]?

    var isAboutRooms: Bool { roomEncrypted != nil || otherServersTiers != nil }
    var isAboutEvents: Bool { authorTiers != nil || eventTypes != nil }
}
