// SPDX-License-Identifier: Apache-2.0

/// A point in time as Matrix writes it: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// The core never reads a clock; whoever calls it says what time it is.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// The time `milliseconds` later; saturates instead of overflowing.
    package func advanced(byMilliseconds milliseconds: Int64) -> Timestamp {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
        return Timestamp(milliseconds: overflow ? (milliseconds < 0 ? .min : .max) : sum)
    }
}
