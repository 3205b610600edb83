// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Which networks there are, and which of ours are on them.
struct CompiledNetworks: Sendable {
    struct Network: Sendable {
        let name: String
        let listener: Located<String>?
        let resolver: Located<String>?
        let ca: Located<String>?
        /// `networks.NAME.servers`; `nil` for an Internet that is not written.
        let rule: RuleReference?
        /// Itself, and those over which events of its authors may come.
        var carriers: NetworkSet
    }

    /// The Internet, then the closed ones sorted by name.
    let all: [Network]
    /// For each own server.
    let own: [NetworkSet]

    /// Whether the policy speaks of any network beside the Internet.
    var areWritten: Bool { all.count > 1 }

    func index(named name: String) -> Int? { all.firstIndex { $0.name.utf8.elementsEqual(name.utf8) } }

    /// The network whose requests come over a listener; `nil`: the policy gives that listener to none.
    ///
    /// - Parameter listener: its name; without one it is the Internet's.
    func index(ofListener listener: String?) -> Int? {
        guard let listener else { return 0 }
        return all.firstIndex { $0.listener?.value.utf8.elementsEqual(listener.utf8) ?? false }
    }

    /// Whether events by authors on `authors` may come from servers on `carriers`.
    func mayCarry(_ authors: NetworkSet, over carriers: NetworkSet) -> Bool {
        if !authors.isDisjoint(with: carriers) { return true }
        return authors.indices.contains { !all[$0].carriers.isDisjoint(with: carriers) }
    }

    /// The rule that keeps one of ours off a network.
    func rule(ofOwn index: Int) -> RuleReference? {
        own.indices.contains(index) ? own[index].indices.lazy.compactMap { all[$0].rule }.first : nil
    }

    func names(_ set: NetworkSet) -> String { set.indices.map { all[$0].name }.joined(separator: ",") }

    /// For the canonical policy; nothing where no network is written, so that such a policy stays what it was.
    func canonical(_ servers: [ServerName]) -> [String] {
        guard areWritten || all.contains(where: { $0.rule != nil }) else { return [] }
        var lines: [String] = []
        for (index, network) in all.enumerated() {
            if index > 0 {
                lines.append(
                    "network \(network.name) listener=\(network.listener?.value ?? "") "
                        + "resolver=\(network.resolver?.value ?? "") ca=\(network.ca?.value ?? "")")
            }
            for carrier in network.carriers.subtracting(NetworkSet(network: index)).indices {
                lines.append("relay \(network.name) over \(all[carrier].name)")
            }
        }
        for (server, networks) in zip(servers, own) { lines.append("served \(server.text) on \(names(networks))") }
        return lines
    }
}
