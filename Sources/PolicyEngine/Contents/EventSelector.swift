// SPDX-License-Identifier: Apache-2.0

/// One entry of a list of event types.
enum EventSelector: Hashable, Sendable {
    /// `m.room.message`
    case type(String)
    /// `org.example.*`; the value is `org.example.`
    case prefix(String)
    /// `calls`
    case family(EventFamily)

    var text: String {
        switch self {
        case .type(let type): type
        case .prefix(let prefix): prefix + "*"
        case .family(let family): family.rawValue
        }
    }
}

/// A list of event types, ready to be asked.
struct EventSelection: Sendable {
    /// The list as a whole: the rule where it does not name a type.
    let rule: RuleReference
    private(set) var types: [String: RuleReference] = [:]
    /// Sorted, so that the rule that is named does not depend on the order of lines.
    private(set) var prefixes: [(prefix: String, rule: RuleReference)] = []
    private(set) var families: [EventFamily: RuleReference] = [:]

    init(_ list: WrittenList<EventSelector>) {
        rule = list.rule
        for element in list.elements { add(element.value, element.rule) }
        prefixes.sort { $0.prefix < $1.prefix }
    }

    private mutating func add(_ selector: EventSelector, _ rule: RuleReference) {
        switch selector {
        case .type(let type): if types[type] == nil { types[type] = rule }
        case .prefix(let prefix):
            if !prefixes.contains(where: { $0.prefix == prefix }) { prefixes.append((prefix, rule)) }
        case .family(let family): if families[family] == nil { families[family] = rule }
        }
    }

    /// Both lists in one; where both name something, this one's place counts.
    func adding(_ other: EventSelection) -> EventSelection {
        var sum = self
        sum.types.merge(other.types) { own, _ in own }
        for entry in other.prefixes where !sum.prefixes.contains(where: { $0.prefix == entry.prefix }) {
            sum.prefixes.append(entry)
        }
        sum.prefixes.sort { $0.prefix < $1.prefix }
        sum.families.merge(other.families) { own, _ in own }
        return sum
    }

    /// The entry that names the event, if one does.
    func match(_ event: EventQuestion) -> RuleReference? {
        if event.type.isASCII, let rule = types[event.type] { return rule }
        for (prefix, rule) in prefixes where event.type.utf8.starts(with: prefix.utf8) { return rule }
        guard !families.isEmpty else { return nil }
        for family in event.families {
            if let rule = families[family] { return rule }
        }
        return nil
    }

    var texts: [String] {
        (Array(types.keys) + prefixes.map { $0.prefix + "*" } + families.keys.map(\.rawValue)).sorted()
    }

    /// Whether everything that this list names is also named by `other`, entry by entry.
    func isWithin(_ other: EventSelection) -> Bool {
        types.keys.allSatisfy { type in
            other.types[type] != nil || other.prefixes.contains { type.utf8.starts(with: $0.prefix.utf8) }
                || EventFamily.ofType(type).map { other.families[$0] != nil } == true
        }
            && prefixes.allSatisfy { own in
                other.prefixes.contains { own.prefix.utf8.starts(with: $0.prefix.utf8) }
            } && families.keys.allSatisfy { other.families[$0] != nil }
    }
}
