// SPDX-License-Identifier: Apache-2.0

/// One header field as two ranges of its head's bytes. A head is shorter than 64 KiB, so offsets are 16 bits wide.
package struct HTTPField: Hashable, Sendable {
    /// Which of the known fields it is.
    package let known: HTTPFieldName
    private let nameStart: UInt16
    private let nameEnd: UInt16
    private let valueStart: UInt16
    private let valueEnd: UInt16

    init(known: HTTPFieldName, name: Range<Int>, value: Range<Int>) {
        self.known = known
        nameStart = UInt16(truncatingIfNeeded: name.lowerBound)
        nameEnd = UInt16(truncatingIfNeeded: name.upperBound)
        valueStart = UInt16(truncatingIfNeeded: value.lowerBound)
        valueEnd = UInt16(truncatingIfNeeded: value.upperBound)
    }

    /// The name as received, token characters only.
    package var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }

    /// The value as received, without white space around it; may be empty.
    package var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}
