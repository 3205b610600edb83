// SPDX-License-Identifier: Apache-2.0

extension TLSFailure {
    /// Why, in words for records and logs; stable between releases.
    package var text: String {
        switch self {
        case .handshakeTimeout: "the TLS handshake took too long"
        case .closedDuringHandshake: "the peer closed the connection during the TLS handshake"
        case .truncated: "the peer closed the connection without saying so in TLS"
        case .protocolVersion: "the peer offers no TLS version that is accepted here"
        case .parameters: "the peer offers no cipher suite, group or signature scheme that is accepted here"
        case .applicationProtocol: "the peer offers other application protocols than http/1.1"
        case .serverNameAbsent: "the peer names no server (no SNI)"
        case .serverNameUnknown(let name):
            name.isEmpty
                ? "the server name that the peer asks for is malformed"
                : "the peer asks for the server name `\(name)`, which no certificate covers"
        case .renegotiation: "the peer tried to renegotiate"
        case .certificate(let fault): fault.text
        case .certificateMissing: "the peer shows no client certificate"
        case .peerAlert(let alert): "the peer refused with the TLS alert \(alert)"
        case .notTLS: "what the peer sent is not TLS"
        case .protocolViolation(let reason): "the peer broke the TLS protocol (libssl reason \(reason))"
        case .library(let reason): "the TLS library failed (libssl reason \(reason))"
        case .closed: "the connection was closed already"
        }
    }
}
