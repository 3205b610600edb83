// SPDX-License-Identifier: Apache-2.0

/// `events`: which events the servers of a tier may write. Events are judged by their author's tier, whoever delivers.
struct EventRules: Sendable {
    /// Of events that are no state only these.
    var types: EventSelection?
    /// Of state only these.
    var stateTypes: EventSelection?
    /// None of these, state or not.
    var refuseTypes: EventSelection?
    /// What happens to types that this version does not know.
    var unknownTypes: WrittenRule<Answer>?

    var isEmpty: Bool { types == nil && stateTypes == nil && refuseTypes == nil && unknownTypes == nil }

    func inheriting(_ base: EventRules) -> EventRules {
        EventRules(
            types: types ?? base.types, stateTypes: stateTypes ?? base.stateTypes,
            refuseTypes: Self.sum(refuseTypes, base.refuseTypes), unknownTypes: unknownTypes ?? base.unknownTypes)
    }

    static func sum(_ own: EventSelection?, _ base: EventSelection?) -> EventSelection? {
        guard let own else { return base }
        return base.map { own.adding($0) } ?? own
    }

    func judge(_ event: EventQuestion) -> Finding? {
        if let rule = refuseTypes?.match(event) { return .refused(.pduTypeRefused, rule) }
        if let list = event.isState ? stateTypes : types {
            return list.match(event) == nil ? .refused(.pduTypeRefused, list.rule) : nil
        }
        guard let unknownTypes, !EventTypes.isKnown(event.type, isState: event.isState) else { return nil }
        switch unknownTypes.value {
        case .allow: return nil
        case .alert: return .alert(.pduTypeUnknown)
        case .refuse: return .refused(.pduTypeUnknown, unknownTypes.rule)
        }
    }

    var canonical: [String] {
        var lines: [String] = []
        if let types { lines.append("events.types \(types.texts.joined(separator: ","))") }
        if let stateTypes { lines.append("events.state_types \(stateTypes.texts.joined(separator: ","))") }
        if let refuseTypes { lines.append("events.refuse_types \(refuseTypes.texts.joined(separator: ","))") }
        if let unknownTypes { lines.append("events.unknown_types \(unknownTypes.value.rawValue)") }
        return lines
    }
}
