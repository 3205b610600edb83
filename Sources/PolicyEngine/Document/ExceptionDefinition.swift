// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// One entry of `exceptions`: what one pair may more or less than its tier says, for a while and for a reason.
struct ExceptionDefinition: Sendable {
    /// One end of the pair: a server or all servers of a state.
    enum End: Hashable, Sendable {
        case server(ServerName)
        case state(CountryCode)

        var text: String {
            switch self {
            case .server(let name): name.text
            case .state(let code): code.text
            }
        }
    }

    enum Directions: String, CaseIterable, Hashable, Sendable {
        case both
        case inbound
        case outbound

        func covers(_ direction: Direction) -> Bool {
            switch self {
            case .both: true
            case .inbound: direction == .inbound
            case .outbound: direction == .outbound
            }
        }
    }

    let id: Located<String>
    let between: [Located<End>]
    let directions: Directions
    let allow: ClassList<EndpointClass>?
    let refuse: ClassList<EndpointClass>?
    /// What it says of files instead of the tier, key by key.
    let media: MediaRules
    /// `mode: shadow`: recorded, and does not decide.
    let isShadowed: Bool
    /// Only in these rooms; `nil`: wherever.
    let rooms: [Located<RoomID>]?
    /// The first instant at which it no longer counts.
    let until: Timestamp
    let reason: String
    let ticket: String?
    let approvedBy: [Located<String>]
}
