// SPDX-License-Identifier: Apache-2.0

/// Why an answer was not taken.
package enum HTTPResponseFault: Error, Hashable, Sendable {
    case framing(HTTPFramingFault)
    case version
    /// 101 or another interim answer without end.
    case interim
    case headTooLarge
    case tooManyFields
    case bodyTooLarge
    /// Neither length nor chunks, where the end of the connection may not end a body.
    case lengthMissing
    /// Compressed, though nobody asked for it.
    case contentEncoding

    /// A short text for records; stable between releases.
    package var reason: String {
        switch self {
        case .framing(let fault): fault.rawValue
        case .version: "version other than 1.0 and 1.1"
        case .interim: "interim answer"
        case .headTooLarge: "header block too large"
        case .tooManyFields: "too many headers"
        case .bodyTooLarge: "body too large"
        case .lengthMissing: "body without length"
        case .contentEncoding: "content encoding"
        }
    }
}
