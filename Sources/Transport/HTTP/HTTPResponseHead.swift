// SPDX-License-Identifier: Apache-2.0

/// One answer's head: the bytes as received, and where in them its parts are.
package struct HTTPResponseHead: Sendable {
    /// Status line and header block with the empty line, at most `HTTPHeadLimits.headBytes`.
    package let bytes: [UInt8]
    /// 200…599; interim answers are read over.
    package let status: Int
    package let fields: [HTTPField]
    package let body: HTTPBodyFraming
    package let isKeepAlive: Bool

    /// The first field of that name.
    package func value(_ name: HTTPFieldName) -> Range<Int>? {
        for field in fields where field.known == name { return field.value }
        return nil
    }

    package var contentType: Range<Int>? { value(.contentType) }

    /// A part as text, for records and diagnostics; invalid UTF-8 is repaired.
    package func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The lines of the named fields, to be sent on; every other field is left out (AC-43).
    package func lines(allowing names: [HTTPFieldName]) -> HTTPFieldLines {
        var lines = HTTPFieldLines()
        for field in fields where field.known != .other && names.contains(field.known) {
            lines.append(field.known.text, bytes.span.extracting(field.value))
        }
        return lines
    }
}
