// SPDX-License-Identifier: Apache-2.0

/// Why a request got no answer.
package enum HTTPClientError: Error, Hashable, Sendable {
    /// No connection; `reason` is the system's text, for the operator.
    case connect(reason: String)
    /// TLS failed before the first byte of an answer. With TLS 1.3 a refusal of our certificate comes this late.
    case tls(TLSFailure)
    /// The other side closed before the first byte of the answer. On a connection that had served before, this is the
    /// ordinary race with its idle limit: a fresh connection may be tried once.
    case closedBeforeAnswer(isReused: Bool)
    /// The other side closed in the middle of the answer.
    case closedInAnswer
    case timeout
    case malformed(HTTPResponseFault)
    /// Closed by us.
    case cancelled

    /// Whether a fresh connection may succeed where this one, grown old, has failed.
    package var isRetryable: Bool { self == .closedBeforeAnswer(isReused: true) }
}
