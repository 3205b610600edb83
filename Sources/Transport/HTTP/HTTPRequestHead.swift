// SPDX-License-Identifier: Apache-2.0

/// One request's head: the bytes as received, and where in them its parts are.
///
/// One array for the bytes and one for the fields, however many fields there are. Read a part with
/// `head.bytes.span.extracting(head.target)`.
package struct HTTPRequestHead: Sendable {
    /// Request line and header block with the empty line, at most `HTTPHeadLimits.headBytes`.
    package let bytes: [UInt8]
    package let method: HTTPMethod
    /// The raw target in origin form: `/` and visible ASCII, no `#`. Not decoded, not normalised.
    package let target: Range<Int>
    package let isOneZero: Bool
    /// All fields in order of arrival.
    package let fields: [HTTPField]
    /// The one Host value: letters, digits and `-._~:[]`, not empty.
    package let host: Range<Int>
    package let body: HTTPBodyFraming
    package let isKeepAlive: Bool
    package let expectsContinue: Bool

    /// The first field of that name; the reader has refused repeats of all but Authorization, Accept, Connection, Date
    /// and User-Agent.
    package func value(_ name: HTTPFieldName) -> Range<Int>? {
        for field in fields where field.known == name { return field.value }
        return nil
    }

    /// How many fields of that name there are.
    package func count(_ name: HTTPFieldName) -> Int {
        var count = 0
        for field in fields where field.known == name { count += 1 }
        return count
    }

    /// The Authorization fields in order of arrival.
    package var authorization: [Range<Int>] {
        var values: [Range<Int>] = []
        for field in fields where field.known == .authorization { values.append(field.value) }
        return values
    }

    package var contentType: Range<Int>? { value(.contentType) }
    package var userAgent: Range<Int>? { value(.userAgent) }
    package var accept: Range<Int>? { value(.accept) }
    package var date: Range<Int>? { value(.date) }

    /// Content-Length as sent; `nil` in chunked requests and those without length.
    package var contentLength: Int? {
        switch body {
        case .length(let length): length
        case .none: value(.contentLength) == nil ? nil : 0
        case .chunked, .untilClose: nil
        }
    }

    /// The method's bytes, at the head's beginning.
    package var methodRange: Range<Int> { 0..<method.text.utf8CodeUnitCount }

    /// A part as text, for records and diagnostics; invalid UTF-8 is repaired.
    package func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// Whether the content type is absent or JSON in UTF-8 (AC-40).
    package var hasJSONContentType: Bool {
        contentType.map { HTTPContentType.isJSON(bytes.span.extracting($0)) } ?? true
    }
}
