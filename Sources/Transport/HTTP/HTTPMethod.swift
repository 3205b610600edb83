// SPDX-License-Identifier: Apache-2.0

/// The methods this server reads. Any other token, also `get`, is refused before a service sees it.
package enum HTTPMethod: UInt8, CaseIterable, Hashable, Sendable {
    case get, put, post, delete, options, patch

    package var text: StaticString {
        switch self {
        case .get: "GET"
        case .put: "PUT"
        case .post: "POST"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        }
    }

    /// Whether a request body means something to the Matrix protocol under this method.
    package var mayCarryBody: Bool { self == .put || self == .post || self == .patch }

    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        switch range.count {
        case 3 where HTTPScanner.equals("GET", in: bytes, range): self = .get
        case 3 where HTTPScanner.equals("PUT", in: bytes, range): self = .put
        case 4 where HTTPScanner.equals("POST", in: bytes, range): self = .post
        case 5 where HTTPScanner.equals("PATCH", in: bytes, range): self = .patch
        case 6 where HTTPScanner.equals("DELETE", in: bytes, range): self = .delete
        case 7 where HTTPScanner.equals("OPTIONS", in: bytes, range): self = .options
        default: return nil
        }
    }
}
