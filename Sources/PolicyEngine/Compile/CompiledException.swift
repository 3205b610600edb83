// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// One entry of `exceptions`, looked up.
struct CompiledException: Sendable {
    let id: String
    /// Indices into the own servers.
    let own: [Int]
    let other: ExceptionDefinition.End
    let directions: ExceptionDefinition.Directions
    let allow: Set<EndpointClass>
    let refuse: Set<EndpointClass>
    let media: MediaRules
    /// It is recorded and does not decide.
    let isShadowed: Bool
    /// `nil`: wherever.
    let rooms: Set<String>?
    let until: Timestamp
    let allowRule: RuleReference
    let refuseRule: RuleReference

    func refuses(_ endpointClass: EndpointClass, _ direction: Direction) -> Bool {
        directions.covers(direction) && refuse.contains(endpointClass)
    }

    func allows(_ endpointClass: EndpointClass, _ direction: Direction) -> Bool {
        directions.covers(direction) && allow.contains(endpointClass)
    }
}

/// Finds the exceptions that concern a server.
struct ExceptionIndex {
    private var byServer: [ServerName: [Int]] = [:]
    private var byState: [CountryCode: [Int]] = [:]

    init(_ exceptions: [CompiledException]) {
        for (index, exception) in exceptions.enumerated() {
            switch exception.other {
            case .server(let name): byServer[name, default: []].append(index)
            case .state(let code): byState[code, default: []].append(index)
            }
        }
    }

    /// In the order of the exceptions. Ours have none, and a pattern only those of its state.
    func exceptions(of server: CompiledServer) -> [Int] {
        if server.isOwn { return [] }
        let named = server.isPattern ? [] : byServer[server.name] ?? []
        guard let state = server.state, let others = byState[state] else { return named }
        return (named + others).sorted()
    }

    /// Those that every server of a state has.
    func exceptions(ofState state: CountryCode) -> [Int] { byState[state] ?? [] }
}

extension EndpointClass {
    /// Whether each request of the class names the room that it is about.
    package var namesRoom: Bool {
        switch self {
        case .join, .invite, .knock, .leave, .history: true
        default: false
        }
    }
}
