// SPDX-License-Identifier: Apache-2.0

/// What came of reading a list: given to `Policy.compile` by whoever reads files and verifies signatures.
package enum ListReading: Hashable, Sendable {
    /// - Parameter isStale: whether its servers are refused because it is too old.
    case read(ServerList, isStale: Bool)
    case broken(ListFault)
}

/// A list in a compiled policy, for people.
package struct ListSummary: Hashable, Sendable {
    package let name: String
    package let tier: String
    package let form: ListSource.Form
    package let list: ServerList
    /// Whether its servers are refused because it is too old.
    package let isStale: Bool
}
