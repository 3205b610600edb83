// SPDX-License-Identifier: Apache-2.0

/// The place of the policy that decided, as audit records and `explain` name it.
///
/// A class, so that a verdict is handed around with one reference count and no copied texts. Immutable.
package final class RuleReference: Hashable, Sendable, CustomStringConvertible {
    /// The keys that lead to it, for example `tiers.eu.inbound.may`. Does not change when lines move.
    package let id: String
    package let file: String
    package let line: Int
    package let column: Int
    /// The id and where it is written. Made once: each refusal's record holds it.
    package let description: String

    init(id: String, file: String, place: YAMLPlace) {
        self.id = id
        self.file = file
        self.line = place.line
        self.column = place.column
        description = "\(id) (\(file):\(place.line):\(place.column))"
    }

    /// `file:line:column`.
    package var location: String { "\(file):\(line):\(column)" }

    package static func == (a: RuleReference, b: RuleReference) -> Bool {
        a === b || (a.line == b.line && a.column == b.column && a.id == b.id && a.file == b.file)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(line)
    }
}
