// SPDX-License-Identifier: Apache-2.0

/// Watches decoders and remembers what they asked for: which keys a place knows, and of what kind its values are.
///
/// The readers are the only place that says what may be written; so the schema for editors, and the list of keys that the
/// docs must explain, are taken from them instead of being written a second time.
package final class ShapeRecorder {
    /// What a place can hold.
    package enum Kind: Hashable, Sendable {
        case text
        case boolean
        case integer(ClosedRange<Int64>)
        case words([String])
        case duration
        case byteCount
        case date
        case country
        case serverName
    }

    package struct Shape: Sendable {
        package var kinds: Set<Kind> = []
        /// The keys of a mapping whose keys are fixed, each with whether it must be there.
        package var keys: [String: Bool] = [:]
        package var isMapping = false
        package var isList = false
        /// A mapping whose keys are the operator's own names.
        package var hasFreeKeys = false
    }

    /// By place, for example `tiers.*.inbound.may[]`.
    package private(set) var shapes: [String: Shape] = [:]

    package init() {}

    func note(_ place: String, _ change: (inout Shape) -> Void) { change(&shapes[place, default: Shape()]) }
}
