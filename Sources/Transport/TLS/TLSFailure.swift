// SPDX-License-Identifier: Apache-2.0

/// Why a TLS connection failed. Fired as an error through the pipeline; the connection closes after it.
package enum TLSFailure: Error, Hashable, Sendable {
    /// The handshake took longer than the context allows.
    case handshakeTimeout
    /// The peer closed the transport before the handshake was complete.
    case closedDuringHandshake
    /// The peer closed the transport without close_notify: what was read may be cut short. RFC 8446, section 6.1.
    case truncated
    /// No protocol version that both sides speak.
    case protocolVersion
    /// No cipher suite, group or signature scheme that both sides accept.
    case parameters
    /// The peer offered application protocols and none of them is ours.
    case applicationProtocol
    /// The client sent no server name and the context demands one.
    case serverNameAbsent
    /// The client asked for a name no certificate covers. At most 255 bytes of letters, digits, `-`, `_` and `.`.
    case serverNameUnknown(String)
    /// The peer tried to renegotiate.
    case renegotiation
    /// The peer's certificate was refused by this side.
    case certificate(CertificateFault)
    /// A client certificate is required and none came.
    case certificateMissing
    /// The peer refused, with this alert.
    case peerAlert(TLSAlert)
    /// What came is not TLS at all, for example plain HTTP.
    case notTLS
    /// The peer broke the protocol. The number is the reason code of the library, for the log.
    case protocolViolation(reason: Int32)
    /// The library failed for a reason that is not the peer's, for example memory.
    case library(reason: Int32)
    /// Something was written after the connection closed or failed.
    case closed
}
