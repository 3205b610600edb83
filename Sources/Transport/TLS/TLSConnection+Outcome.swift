// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

extension TLSConnection {
    /// What the handshake agreed on; nil before its end.
    var facts: TLSConnectionFacts? {
        guard isHandshakeComplete, let cipher = unsafe SSL_get_current_cipher(ssl) else { return nil }
        let group = unsafe SSL_group_to_name(ssl, ent_SSL_get_negotiated_group(ssl))
        let peer = unsafe SSL_get0_peer_certificate(ssl)
        var names: [String] = []
        if case .server = role, let peer = unsafe peer, unsafe X509_up_ref(peer) == 1 {
            names = unsafe X509Certificate(owning: peer).dnsNames
        }
        return unsafe TLSConnectionFacts(
            version: isTLS13 ? .tls13 : .tls12,
            cipherSuite: SSL_CIPHER_standard_name(cipher).map { unsafe String(cString: $0) } ?? "",
            group: group.map { unsafe String(cString: $0) } ?? "",
            serverName: serverName,
            alpn: applicationProtocol,
            peerCertificateSPKI: peer.flatMap { unsafe X509Certificate.spki(of: $0) },
            peerCertificateNames: names,
            isResumed: SSL_session_reused(ssl) == 1)
    }

    private var applicationProtocol: String? {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &bytes, &count)
        guard count > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }

    private var alertOffset: Int32 { Int32(SSL_AD_REASON_OFFSET) }

    /// Why the last call failed: a callback's reason, else the first error this thread's queue holds. Empties the queue.
    func failure() -> TLSFailure {
        let code = ERR_get_error()
        ERR_clear_error()
        if let refusal { return refusal }
        let reason = ERR_GET_REASON(code)
        guard code != 0 else { return .library(reason: 0) }
        guard ERR_GET_LIB(code) == ERR_LIB_SSL else { return .protocolViolation(reason: reason) }
        switch reason {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            let verdict = unsafe Int32(truncatingIfNeeded: SSL_get_verify_result(ssl))
            return .certificate(CertificateFault(code: verdict) ?? .other(verdict))
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return .certificateMissing
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_UNKNOWN_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_VERSION_TOO_HIGH,
            SSL_R_WRONG_SSL_VERSION, SSL_R_UNSUPPORTED_SSL_VERSION, SSL_R_UNKNOWN_SSL_VERSION,
            SSL_R_BAD_LEGACY_VERSION, SSL_R_BAD_PROTOCOL_VERSION_NUMBER:
            return .protocolVersion
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SUITABLE_GROUPS, SSL_R_NO_SUITABLE_KEY_SHARE,
            SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_WRONG_CIPHER_RETURNED,
            SSL_R_UNKNOWN_CIPHER_RETURNED, SSL_R_DH_KEY_TOO_SMALL, SSL_R_EE_KEY_TOO_SMALL, SSL_R_WRONG_CURVE:
            return .parameters
        case SSL_R_NO_APPLICATION_PROTOCOL: return .applicationProtocol
        case SSL_R_NO_RENEGOTIATION, SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED, SSL_R_RENEGOTIATION_MISMATCH:
            return .renegotiation
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_WRONG_VERSION_NUMBER: return .notTLS
        // An alert of the peer's is this and its number.
        case alertOffset..<alertOffset + 256:
            return .peerAlert(TLSAlert(code: UInt8(truncatingIfNeeded: reason - alertOffset)))
        case Int32(ERR_R_MALLOC_FAILURE), Int32(ERR_R_INTERNAL_ERROR): return .library(reason: reason)
        default: return .protocolViolation(reason: reason)
        }
    }
}
