// SPDX-License-Identifier: Apache-2.0

import PolicyEngine

extension ObviousEvaluator {
    /// What the tier of its author says of an event by its type; `nil`: nothing against it.
    func event(_ type: String, of tierName: String) -> Ruling? {
        guard let known = RandomPolicy.eventTypes.first(where: { $0.name == type }), let tier = tier(tierName) else {
            return nil
        }
        let base = tier.like.flatMap { self.tier($0) }
        // What two tiers refuse adds up; of every other key the tier's own counts, else the one of `like`.
        if [tier, base].contains(where: { $0?.events[.refuseTypes]?.contains(type) == true }) {
            return .refused(.pduTypeRefused)
        }
        let key: RandomPolicy.EventKey = known.isState ? .stateTypes : .types
        if let only = tier.events[key] ?? base?.events[key] {
            return only.contains(type) ? nil : .refused(.pduTypeRefused)
        }
        let unknown = tier.unknownEventsAreRefused ?? base?.unknownEventsAreRefused ?? false
        return unknown && !known.isKnown ? .refused(.pduTypeUnknown) : nil
    }
}
