// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What each state's servers may, class by class and direction by direction: the whole policy on one page.
package struct PolicyMatrix: Sendable {
    /// Of the servers of one row, for one thing in one direction.
    package enum Cell: String, Hashable, Sendable {
        case allowed = "allow"
        case refused = "refuse"
        /// Servers of the row differ, or ours do.
        case mixed
    }

    package enum Subject: Hashable, Sendable {
        case state(CountryCode)
        /// A listed server of no state: an international organisation.
        case organisation(ServerName)
        /// Every server that no list names.
        case unlisted

        package var text: String {
            switch self {
            case .state(let code): code.text
            case .organisation(let name): name.text
            case .unlisted: "not listed"
            }
        }
    }

    /// One state, organisation, or everybody else.
    package struct Row: Sendable {
        package let subject: Subject
        package let isOwn: Bool
        /// The tiers of its servers, or of a new one; sorted.
        package let tiers: [String]
        /// Listed ones.
        package let servers: [ServerName]
        /// By column.
        package let inbound: [Cell]
        package let outbound: [Cell]

        package func cell(_ column: Int, _ direction: Direction) -> Cell {
            let cells = direction == .inbound ? inbound : outbound
            return cells.indices.contains(column) ? cells[column] : .refused
        }
    }

    /// Classes, then kinds of EDU.
    package let columns: [PolicyConcern]
    /// The own state, then by tier and name; last what is not listed.
    package let rows: [Row]

    /// How many of the columns are classes; they come first.
    package var classCount: Int {
        columns.count {
            if case .endpointClass = $0 { true } else { false }
        }
    }

    /// Columns in which something is allowed to somebody, or may be.
    package var usedColumns: [Int] {
        columns.indices.filter { column in
            rows.contains { $0.inbound[column] != .refused || $0.outbound[column] != .refused }
        }
    }
}

extension PolicyMatrix {
    package init(_ policy: Policy) {
        let columns = PolicyConcern.all(eventTypes: []).filter { $0 != .edu(.unknown("org.example.unknown")) }
        let atoms = PolicyAtoms([policy])
        let byState = Dictionary(grouping: policy.representatives, by: policy.state)
        var rows: [Row] = policy.namedStates.map { state in
            let servers = byState[state] ?? []
            let members = servers.map { ($0, CountryCode?.none) }
            let supposed = (try? PolicyQuestion.placeholder(for: state)).map { [($0, CountryCode?.some(state))] } ?? []
            return Row(
                .state(state), isOwn: state.text == policy.ownState, servers: servers,
                members: servers.isEmpty ? supposed : members, policy, atoms, columns)
        }
        rows += (byState[nil] ?? []).map {
            Row(.organisation($0), isOwn: false, servers: [$0], members: [($0, nil)], policy, atoms, columns)
        }
        rows.sort { a, b in
            func rank(_ row: Row) -> (Int, Int, String, String) {
                (
                    row.isOwn ? 0 : 1, -row.inbound.count { $0 != .refused } - row.outbound.count { $0 != .refused },
                    row.tiers.joined(separator: " "), row.subject.text
                )
            }
            return rank(a) < rank(b)
        }
        if let stranger = atoms.servers.first(where: { $0.others.contains(.plain) }) {
            let name = stranger.listed.isEmpty && stranger.supposedState == nil ? stranger.representative : nil
            let members = [(name ?? stranger.representative, stranger.supposedState)]
            rows.append(
                Row(
                    .unlisted, isOwn: false, servers: [], tiers: [policy.summary.unknownTier], members: members, policy,
                    atoms, columns))
        }
        (self.columns, self.rows) = (columns, rows)
    }
}

extension PolicyMatrix.Row {
    /// - Parameter members: servers, or a supposed one with its state.
    fileprivate init(
        _ subject: PolicyMatrix.Subject, isOwn: Bool, servers: [ServerName], tiers: [String]? = nil,
        members: [(ServerName, CountryCode?)], _ policy: Policy, _ atoms: PolicyAtoms, _ columns: [PolicyConcern]
    ) {
        (self.subject, self.isOwn, self.servers) = (subject, isOwn, servers)
        self.tiers = tiers ?? Set(members.map { policy.tierName(of: $0.0, supposedState: $0.1) }).sorted()
        // One server for each way to be judged: a state may have thousands.
        var seen: Set<ServerProfile> = []
        let different = members.filter { name, state in
            seen.insert(state.map(policy.profile(ofNewServerOf:)) ?? policy.profile(of: name)).inserted
        }
        func cells(_ direction: Direction) -> [PolicyMatrix.Cell] {
            columns.map { concern in
                var answers: Set<Bool> = []
                for (name, state) in different {
                    for own in atoms.own {
                        let server = PolicyAtoms.Server(representative: name, supposedState: state)
                        answers.insert(
                            policy.answer(atoms.question(server, own: own.first, direction, concern)).isAllowed)
                    }
                }
                return answers.count > 1 ? .mixed : answers.contains(true) ? .allowed : .refused
            }
        }
        (inbound, outbound) = (cells(.inbound), cells(.outbound))
    }
}
