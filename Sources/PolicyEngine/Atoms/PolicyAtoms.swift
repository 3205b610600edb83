// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// The finite list of requests that stand for all: whatever can be asked of these policies gets the verdict of one of them.
///
/// Servers are grouped by `ServerProfile`, so there are as many as there are ways to be judged, not as there are servers:
/// at most one for each tier and reason of refusal, multiplied when policies are compared. A dimension is added by a field
/// of `PolicyQuestion`, the step of `Policy.walk` that reads it, and a list here.
package struct PolicyAtoms: Sendable {
    /// Servers that all these policies judge alike.
    package struct Server: Hashable, Sendable {
        /// One of them.
        package let representative: ServerName
        /// It stands for servers of this state that are not listed yet.
        package let supposedState: CountryCode?
        /// Listed servers, sorted.
        package fileprivate(set) var listed: [ServerName] = []
        /// States whose new servers would be judged so.
        package fileprivate(set) var states: [CountryCode] = []
        /// Names that are in no list.
        package fileprivate(set) var others: [Unlisted] = []
        /// Listed servers whose look-alikes would be judged so.
        package fileprivate(set) var imitated: [ServerName] = []

        init(representative: ServerName, supposedState: CountryCode?) {
            (self.representative, self.supposedState) = (representative, supposedState)
        }
    }

    /// A kind of name that no policy lists and that looks like no listed one.
    package enum Unlisted: String, Hashable, Sendable {
        case plain = "servers that are not listed"
        case address = "IP addresses"
    }

    package let servers: [Server]
    /// Servers of ours that are judged alike, each group with at least one.
    package let own: [[ServerName]]
    package let concerns: [PolicyConcern]
    /// By server: more of them where exceptions name rooms.
    private let roomConcerns: [[PolicyConcern]]

    /// What can be asked about the server at this index.
    package func concerns(of server: Int) -> [PolicyConcern] { concerns + roomConcerns[server] }

    /// More questions than this are not enumerated: with today's dimensions that takes thousands of own servers that differ.
    package static let maxCells = 4_000_000

    /// The number of cells: servers × groups of ours × directions × concerns.
    package var cellCount: Int {
        (servers.count * concerns.count + roomConcerns.reduce(0) { $0 + $1.count }) * own.count
            * Direction.allCases.count
    }

    /// - Parameter policies: one, or several whose answers are to be compared.
    package init(_ policies: [Policy]) {
        var groups = Groups(policies)
        let listed = Set(policies.flatMap(\.representatives))
        for name in listed.sorted(by: Self.precedes) {
            groups.add(name) { $0.listed.append(name) }
        }
        for state in Set(policies.flatMap(\.namedStates)).sorted() {
            groups.add(state)
        }
        if let name = Self.stranger(to: policies) { groups.add(name) { $0.others.append(.plain) } }
        for name in listed.sorted(by: Self.precedes) {
            guard let spelling = Self.otherSpelling(of: name), !listed.contains(spelling) else { continue }
            groups.add(spelling) { $0.imitated.append(name) }
        }
        for text in ["192.0.2.1", "198.51.100.1", "203.0.113.1"] {
            guard let address = try? ServerName(text), !listed.contains(address) else { continue }
            groups.add(address) { $0.others.append(.address) }
            break
        }
        servers = groups.servers
        roomConcerns = groups.rooms.map(PolicyConcern.inRooms)
        var ours: [[[PairRows.Pair]?]: [ServerName]] = [:]
        for name in Set(policies.flatMap(\.ownServers)).sorted(by: Self.precedes) {
            ours[policies.map { $0.ownProfile(name) }, default: []].append(name)
        }
        own = ours.values.sorted { Self.precedes($0[0], $1[0]) }
        concerns = PolicyConcern.all(eventTypes: Self.eventTypes(of: policies))
    }

    package func question(
        _ server: Server, own: ServerName?, _ direction: Direction, _ concern: PolicyConcern
    ) -> PolicyQuestion {
        concern.question(
            server.representative, supposedState: server.supposedState, own: own, direction,
            author: server.representative)
    }

    private static func precedes(_ a: ServerName, _ b: ServerName) -> Bool {
        a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
    }

    /// A plain name that no list has and that looks like none.
    private static func stranger(to policies: [Policy]) -> ServerName? {
        for number in 0..<1000 {
            guard let name = try? ServerName("unlisted\(number == 0 ? "" : String(number)).invalid") else { continue }
            if policies.allSatisfy({ $0.isPlainStranger(name) }) { return name }
        }
        return nil
    }

    /// The name with its first letter in upper case, which is another name.
    private static func otherSpelling(of name: ServerName) -> ServerName? {
        guard let letter = name.text.firstIndex(where: { $0.isASCII && $0.isLowercase }) else { return nil }
        let text = name.text[..<letter] + name.text[letter].uppercased() + name.text[name.text.index(after: letter)...]
        return try? ServerName(String(text))
    }
}

extension Policy {
    /// States that the policy can tell from others: its own, those that `assign` names, and those of its servers.
    var namedStates: [CountryCode] {
        Set(compiled.states.keys).union(compiled.servers.compactMap(\.state))
            .union([CountryCode(ownState)].compactMap { $0 }).sorted()
    }

    fileprivate func isPlainStranger(_ name: ServerName) -> Bool {
        compiled.table.index(of: name.text.utf8.span) == nil && compiled.lookAlikes.judge(name) == .plain
    }
}

/// Servers gathered by what every policy says of them, in the order in which the first of each came.
private struct Groups {
    private let policies: [Policy]
    private var places: [[ServerProfile]: Int] = [:]
    private(set) var servers: [PolicyAtoms.Server] = []
    /// Beside the servers.
    private(set) var rooms: [Set<String>] = []

    init(_ policies: [Policy]) { self.policies = policies }

    mutating func add(_ name: ServerName, _ note: (inout PolicyAtoms.Server) -> Void) {
        note(&servers[place(of: policies.map { $0.profile(of: name) }, name, nil)])
    }

    mutating func add(_ state: CountryCode) {
        guard let name = try? PolicyQuestion.placeholder(for: state) else { return }
        let profiles = policies.map { $0.profile(ofNewServerOf: state) }
        servers[place(of: profiles, name, state)].states.append(state)
    }

    private mutating func place(of profiles: [ServerProfile], _ name: ServerName, _ state: CountryCode?) -> Int {
        if let place = places[profiles] { return place }
        places[profiles] = servers.count
        rooms.append(zip(policies, profiles).reduce(into: []) { $0.formUnion($1.0.rooms($1.1)) })
        servers.append(PolicyAtoms.Server(representative: name, supposedState: state))
        return servers.count - 1
    }
}
