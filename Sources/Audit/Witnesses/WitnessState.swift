// SPDX-License-Identifier: Apache-2.0

/// What a log knows of one witness; pure.
package struct WitnessState: Hashable, Sendable {
    /// When it last cosigned: microseconds since 1970-01-01T00:00:00Z, by our clock.
    package private(set) var cosignedAt: Int64?
    /// How many records it cosigned then.
    package private(set) var size: UInt64 = 0
    /// How many records it has seen, by its own word; where the next proof begins.
    package private(set) var known: UInt64 = 0
    /// Why it does not cosign now.
    package private(set) var lost: String?
    /// By how many seconds its clock was ahead of ours when it cosigned last; `nil`: it never did.
    package private(set) var skew: Int64?
    private var isSkewed = false

    /// What is worth a record.
    package enum Change: Equatable, Sendable {
        case lost(String)
        case back(UInt64)
        /// By so many seconds; above 0 if our clock is behind. AC-95.
        case skewed(Int64)
    }

    /// More than so many seconds between a witness's clock and ours are an alarm. AC-95.
    package static let skewLimit: UInt64 = 5

    package init() {}

    /// How far a witness's clock is ahead of ours, as far as the time that its answer took does not explain it.
    ///
    /// - Parameters: seconds since 1970-01-01T00:00:00Z; `time` is the witness's word.
    package static func skew(of time: Int64, askedAt: Int64, answeredAt: Int64) -> Int64 {
        if time > answeredAt { return time &- answeredAt }
        return time < askedAt ? time &- askedAt : 0
    }

    package mutating func failed(_ reason: String) -> [Change] {
        defer { lost = reason }
        return lost == nil ? [.lost(reason)] : []
    }

    /// It was not asked to the end, through no fault of its own.
    package mutating func postponed(known: UInt64) { self.known = known }

    /// - Parameter now: microseconds, by our clock.
    package mutating func cosigned(size: UInt64, skew: Int64, at now: Int64) -> [Change] {
        var changes: [Change] = lost == nil ? [] : [.back(size)]
        let isSkewed = skew.magnitude > Self.skewLimit
        if isSkewed, !self.isSkewed { changes.append(.skewed(skew)) }
        self.isSkewed = isSkewed
        self.skew = skew
        (cosignedAt, self.size, known, lost) = (now, size, size, nil)
        return changes
    }
}
