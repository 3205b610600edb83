// SPDX-License-Identifier: Apache-2.0

/// Where a log stops being the log that was written, and how.
package struct ChainFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// The first line of a segment is not the one that must stand there.
        case header = "its first line does not follow from the segment before"
        /// A line has not the form of a record.
        case form = "this line is no record"
        /// The hash of a line does not follow from the line before and its record.
        case hash = "this line is not the one that was written, or the one before is missing"
        /// The record's number is not the next.
        case sequence = "the number of this record is not the next one"
        /// The last line has no end.
        case torn = "the last line is incomplete"
        /// The segments do not begin with the first.
        case missingSegment = "a segment is missing"
    }

    package let kind: Kind
    package let segment: String
    /// Of the line's first byte.
    package let offset: Int
    /// The number that the record there should have.
    package let sequence: UInt64

    package var description: String {
        "\(segment) at byte \(offset), record \(sequence): \(kind.rawValue)"
    }
}
