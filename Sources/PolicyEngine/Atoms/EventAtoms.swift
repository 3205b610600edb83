// SPDX-License-Identifier: Apache-2.0

extension PolicyAtoms {
    /// Types of events that stand for all: one known of each family, one that nobody knows, each that a policy names, and
    /// one below each pattern. Sorted after the first ones.
    package static func eventTypes(of policies: [Policy]) -> [String] {
        let named = policies.reduce(into: Set<String>()) { $0.formUnion($1.namedEventTypes) }
        return ofEachFamily + named.subtracting(ofEachFamily).sorted()
    }

    private static let ofEachFamily = [
        "m.room.message", "m.room.encrypted", "m.room.member", "m.room.create", "m.room.power_levels",
        "m.room.join_rules", "m.room.server_acl", "m.room.policy", "m.room.redaction", "m.reaction", "m.call.invite",
        "m.location", "m.poll.start", "org.example.unknown",
    ]
}

extension Policy {
    fileprivate var namedEventTypes: Set<String> {
        compiled.tiers.reduce(into: []) { names, tier in
            let events = tier.contents.rules.events
            for list in [events.types, events.stateTypes, events.refuseTypes].compactMap(\.self) {
                names.formUnion(list.types.keys)
                names.formUnion(list.prefixes.map { $0.prefix + "any" })
            }
        }
    }
}
