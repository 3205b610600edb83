// SPDX-License-Identifier: Apache-2.0

/// Whether as many witnesses cosign as the policy needs. Pure.
///
/// They may be fewer for a while, a restart or a lost connection, before that is said.
package struct QuorumWatch: Sendable {
    /// For how long. Seconds.
    package static let grace: Int64 = 300

    package enum Change: Equatable, Sendable {
        case missing(have: Int, need: Int)
        case enough(have: Int, need: Int)
    }

    private var fewerSince: Int64?
    /// Fewer than enough for longer than the grace.
    package private(set) var isMissing = false

    package init() {}

    /// - Parameters:
    ///   - have: how many of the policy's witnesses cosigned when they were asked last.
    ///   - need: 0 where the policy needs none.
    ///   - now: seconds since some moment, never back.
    package mutating func look(have: Int, need: Int, now: Int64) -> Change? {
        guard have < need else {
            fewerSince = nil
            guard isMissing else { return nil }
            isMissing = false
            return .enough(have: have, need: need)
        }
        let since = fewerSince ?? now
        fewerSince = since
        guard !isMissing, now &- since >= Self.grace else { return nil }
        isMissing = true
        return .missing(have: have, need: need)
    }
}
