// SPDX-License-Identifier: Apache-2.0

/// A value that a tier writes, and the rule that a verdict names when the value decides.
struct WrittenRule<Value: Sendable>: Sendable {
    let value: Value
    let rule: RuleReference
}

/// A list in which each element is a rule of its own place, and whose absence of an element is the list's.
struct WrittenList<Element: Sendable>: Sendable {
    let elements: [WrittenRule<Element>]
    /// The list as a whole.
    let rule: RuleReference
}

/// What happens to something that cannot be judged, or that a rule only marks.
package enum Answer: String, CaseIterable, Hashable, Sendable {
    case allow
    /// It passes, and the record says so.
    case alert
    case refuse

    /// How much it lets through, for comparisons: less is narrower.
    var width: Int {
        switch self {
        case .refuse: 0
        case .alert: 1
        case .allow: 2
        }
    }
}
