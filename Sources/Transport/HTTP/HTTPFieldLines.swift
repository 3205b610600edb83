// SPDX-License-Identifier: Apache-2.0

/// Header lines to send, each ending in CRLF. Values are checked, so no value can begin another line (AC-43).
package struct HTTPFieldLines: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Adds a field, or nothing when the value holds a control character.
    /// - Returns: whether it was added.
    @discardableResult
    package mutating func append(_ name: StaticString, _ value: Span<UInt8>) -> Bool {
        guard HTTPScanner.firstControl(in: value, 0..<value.count) == nil else { return false }
        bytes.reserveCapacity(bytes.count + name.utf8CodeUnitCount + value.count + 4)
        name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        bytes.append(0x3A)
        bytes.append(0x20)
        for index in 0..<value.count { bytes.append(value[index]) }
        bytes.append(0x0D)
        bytes.append(0x0A)
        return true
    }

    @discardableResult
    package mutating func append(_ name: StaticString, _ value: String) -> Bool {
        append(name, Array(value.utf8).span)
    }

    package static let none = Self()

    package static let json: Self = {
        var lines = Self()
        lines.append("Content-Type", "application/json")
        return lines
    }()
}
