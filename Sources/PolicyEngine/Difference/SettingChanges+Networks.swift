// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Networks and requirements: what can be said of them beside who may speak with whom, which verdicts show.
extension SettingChanges {
    var networks: [PolicyDiff.Setting] {
        let (was, becomes) = (old.compiled.networks, new.compiled.networks)
        var found: [PolicyDiff.Setting] = []
        for network in becomes.all.dropFirst() {
            guard let index = was.index(named: network.name) else {
                found.append(.init(effect: .neutral, text: "networks.\(network.name) is new"))
                continue
            }
            let earlier = was.all[index]
            for (key, first, last) in [
                ("listener", earlier.listener, network.listener), ("resolver", earlier.resolver, network.resolver),
                ("ca", earlier.ca, network.ca),
            ] where first?.value != last?.value {
                // What stands behind a name is the node's to say.
                let text = "\(first?.value ?? "none") → \(last?.value ?? "none")"
                found.append(Self.untold("networks.\(network.name).\(key): \(text)"))
            }
        }
        for network in was.all.dropFirst() where becomes.index(named: network.name) == nil {
            found.append(.init(effect: .neutral, text: "networks.\(network.name) is gone"))
        }
        let (before, after) = (Self.relays(was), Self.relays(becomes))
        found += after.subtracting(before).sorted().map { .init(effect: .loosened, text: "\($0) is new") }
        found += before.subtracting(after).sorted().map { .init(effect: .tightened, text: "\($0) is gone") }
        return found + served
    }

    private static func relays(_ networks: CompiledNetworks) -> Set<String> {
        networks.all.enumerated().reduce(into: []) { found, entry in
            let others = entry.element.carriers.subtracting(NetworkSet(network: entry.offset))
            for carrier in others.indices {
                found.insert("networks.\(entry.element.name).relayed_over \(networks.all[carrier].name)")
            }
        }
    }

    /// On which networks ours are: one more carries rooms from one to the other.
    private var served: [PolicyDiff.Setting] {
        func networks(_ policy: Policy) -> [ServerName: Set<String>] {
            let all = policy.compiled.networks
            return Dictionary(
                zip(policy.ownServers, all.own).map { ($0, Set($1.indices.map { all.all[$0].name })) },
                uniquingKeysWith: { first, _ in first })
        }
        let before = networks(old)
        return networks(new).sorted { $0.key.text < $1.key.text }.compactMap { server, becomes in
            guard let was = before[server], was != becomes else { return nil }
            let isLess = becomes.isSubset(of: was)
            func text(_ names: Set<String>) -> String { names.sorted().joined(separator: ", ") }
            return .init(
                effect: isLess ? .tightened : .loosened,
                text: "\(server.text) is served on other networks: \(text(was)) → \(text(becomes))")
        }
    }

    /// A requirement more binds servers that are listed later, too.
    var requirements: [PolicyDiff.Setting] {
        struct Rule: Hashable {
            let states: Set<String>
            let exempt: Set<String>
            var text: String {
                "in \(states.sorted().joined(separator: ", "))"
                    + (exempt.isEmpty ? "" : " except_tier \(exempt.sorted().joined(separator: ", "))")
            }
        }
        func rules(_ policy: Policy, _ attribute: RequirementDefinition.Attribute) -> Set<Rule> {
            Set(
                policy.compiled.requirements.filter { $0.attribute == attribute }.map { requirement in
                    Rule(
                        states: Set(requirement.states.map(\.text)),
                        exempt: Set(requirement.exceptTiers.map { policy.compiled.tiers[$0].name }))
                })
        }
        return RequirementDefinition.Attribute.allCases.flatMap { attribute -> [PolicyDiff.Setting] in
            let (was, becomes) = (rules(old, attribute), rules(new, attribute))
            // A rule is narrower than another one if it admits no state and exempts no tier more.
            func isImplied(_ rule: Rule, by others: Set<Rule>) -> Bool {
                others.contains { $0.states.isSubset(of: rule.states) && $0.exempt.isSubset(of: rule.exempt) }
            }
            let gone = was.subtracting(becomes).map { rule in
                PolicyDiff.Setting(
                    effect: isImplied(rule, by: becomes) ? .neutral : .loosened,
                    text: "require \(attribute.rawValue) \(rule.text) is gone")
            }
            let new = becomes.subtracting(was).map { rule in
                PolicyDiff.Setting(
                    effect: isImplied(rule, by: was) ? .neutral : .tightened,
                    text: "require \(attribute.rawValue) \(rule.text) is new")
            }
            return gone + new
        }
    }
}
