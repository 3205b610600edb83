// SPDX-License-Identifier: Apache-2.0

/// Why the HTTP reader or the connection's clock refused a request. Closed: each case is stated, tested and recorded.
package enum HTTPRefusal: Error, Hashable, Sendable {
    /// The bytes break the framing rules; nothing after the fault is read as a request.
    case framing(HTTPFramingFault)
    /// The request target is not in origin form: absolute form, `*`, a fragment, or a byte outside visible ASCII.
    case targetForm
    /// GET, DELETE or OPTIONS with a body: a body that no signature covers (notes, section 4).
    case bodyWithoutMeaning
    case methodNotAllowed
    case connectMethod
    /// A request line without version: HTTP/0.9.
    case versionMissing
    case versionUnsupported
    case expectation
    case contentEncoding
    /// Made by the service, which knows what the endpoint takes.
    case contentType
    case targetTooLong
    case headTooLarge
    case tooManyFields
    case bodyTooLarge
    case slowHead
    case slowBody
    /// The whole request took longer than its total limit.
    case slowRequest
    /// The peer does not read the answer. There is nobody left to answer.
    case slowReader

    /// What kind of refusal it is; a service maps it to the reason code of its records.
    package enum Family: String, CaseIterable, Hashable, Sendable {
        case framing, target, unsupported, limits, slow, compression, contentType
    }

    package var family: Family {
        switch self {
        case .framing, .bodyWithoutMeaning: .framing
        case .targetForm: .target
        case .methodNotAllowed, .connectMethod, .versionMissing, .versionUnsupported, .expectation: .unsupported
        case .contentEncoding: .compression
        case .contentType: .contentType
        case .targetTooLong, .headTooLarge, .tooManyFields, .bodyTooLarge: .limits
        case .slowHead, .slowBody, .slowRequest, .slowReader: .slow
        }
    }

    /// The HTTP status of the answer.
    package var status: Int {
        switch self {
        case .framing, .targetForm, .bodyWithoutMeaning: 400
        case .methodNotAllowed, .connectMethod: 405
        case .versionMissing, .versionUnsupported: 505
        case .expectation: 417
        case .contentEncoding, .contentType: 415
        case .targetTooLong: 414
        case .headTooLarge, .tooManyFields: 431
        case .bodyTooLarge: 413
        case .slowHead, .slowBody, .slowRequest, .slowReader: 408
        }
    }

    /// The Matrix error code of the answer.
    package var errcode: StaticString {
        switch self {
        case .targetForm: "M_INVALID_PARAM"
        case .methodNotAllowed, .connectMethod: "M_UNRECOGNIZED"
        case .targetTooLong, .headTooLarge, .tooManyFields, .bodyTooLarge: "M_TOO_LARGE"
        default: "M_UNKNOWN"
        }
    }

    /// A short text for records and `entente probe http`; stable between releases, never sent to the peer.
    package var reason: String {
        switch self {
        case .framing(let fault): fault.rawValue
        case .targetForm: "target not in origin form"
        case .bodyWithoutMeaning: "body on a method without one"
        case .methodNotAllowed: "method not served"
        case .connectMethod: "CONNECT"
        case .versionMissing: "HTTP/0.9"
        case .versionUnsupported: "version other than 1.0 and 1.1"
        case .expectation: "expectation other than 100-continue"
        case .contentEncoding: "content encoding"
        case .contentType: "content type"
        case .targetTooLong: "target too long"
        case .headTooLarge: "header block too large"
        case .tooManyFields: "too many headers"
        case .bodyTooLarge: "body too large"
        case .slowHead: "head too slow"
        case .slowBody: "body too slow"
        case .slowRequest: "request over its total time"
        case .slowReader: "answer not read"
        }
    }
}
