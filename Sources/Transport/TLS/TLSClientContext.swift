// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import CTLSBio
internal import Synchronization

/// What this side demands of servers and shows them.
package struct TLSClientConfiguration: Sendable {
    package var roots = TrustRoots.system
    package var minimumVersion = TLSConnectionFacts.Version.tls12
    /// Offered in this order; empty offers none.
    package var applicationProtocols = ["http/1.1"]
    /// Shown when a server asks.
    package var identity: TLSIdentity?
    /// Whether sessions are kept, in memory, an hour at most, and resumed without verifying the chain again.
    package var resumesSessions = true
    /// Seconds since 1970 at which certificates are verified; nil is now.
    package var verificationTime: Int64?
    package var timeouts = TLSTimeouts()

    package init() {}
}

/// What connections to servers are made from. Immutable but for the sessions it keeps: a reload makes another, which
/// forgets them.
///
/// `@unchecked Sendable`: the sessions are behind a lock, nothing else changes after `init`, and libssl locks what
/// connections share.
@safe package final class TLSClientContext: @unchecked Sendable {
    let timeouts: TLSTimeouts
    private let context: TLSContextPointer
    private let verificationTime: Int64?
    let resumesSessions: Bool
    let sessions: TLSSessionCache

    /// - Throws: when the roots or the identity cannot be used.
    package init(_ configuration: TLSClientConfiguration) throws(OpenSSLFault) {
        let context = try TLSContextPointer(server: false, minimumVersion: configuration.minimumVersion)
        if let identity = configuration.identity { try context.use(identity) }
        try context.trust(configuration.roots.store())
        let pointer = unsafe context.pointer
        unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, checkPins)
        unsafe ent_SSL_CTX_set_session_cache_mode(
            pointer, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        if configuration.resumesSessions {
            unsafe SSL_CTX_sess_set_new_cb(pointer, keepSession)
        } else {
            unsafe SSL_CTX_set_options(pointer, ent_op_no_ticket)
        }
        var offer: [UInt8] = []
        for name in configuration.applicationProtocols where !name.isEmpty && name.utf8.count < 256 {
            offer.append(UInt8(name.utf8.count))
            offer.append(contentsOf: name.utf8)
        }
        // Zero is success here, unlike anywhere else.
        guard unsafe offer.isEmpty || SSL_CTX_set_alpn_protos(pointer, offer, UInt32(offer.count)) == 0 else {
            throw .drained("setting application protocols")
        }
        self.context = context
        timeouts = configuration.timeouts
        verificationTime = configuration.verificationTime
        resumesSessions = configuration.resumesSessions
        sessions = TLSSessionCache()
    }

    /// - Throws: when `peer` is no host name or address.
    func connection(to peer: TLSPeerName, pins: Set<SPKIHash>) throws(OpenSSLFault) -> TLSConnection {
        let connection = try TLSConnection(.client(self, peer, pins: pins), context: context)
        guard let parameters = unsafe SSL_get0_param(connection.ssl) else { throw .drained("verifying") }
        try unsafe CertificateRules.apply(to: parameters, peer: peer, time: verificationTime)
        if case .dns(let name) = peer {
            guard unsafe ent_SSL_set_tlsext_host_name(connection.ssl, name) == 1 else {
                throw .drained("setting the server name")
            }
            connection.serverName = name.lowercased()
        }
        if resumesSessions, let session = sessions.take(for: peer, pins: pins, time: verificationTime) {
            // Failing to set it means a full handshake.
            unsafe SSL_set_session(connection.ssl, session.pointer)
        }
        return connection
    }
}

/// `SSL_verify_cb`: beside the library's own checks, the leaf's key must be a pinned one where keys are pinned.
///
/// Runs inside the handshake so that a server with another key never sees our certificate.
private func checkPins(_ isGood: Int32, _ store: OpaquePointer?) -> Int32 {
    guard isGood == 1 else { return 0 }
    guard let store = unsafe store,
        let ssl = unsafe X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
        let connection = unsafe TLSConnection.behind(OpaquePointer(ssl)),
        case .client(_, _, let pins) = connection.role
    else { return 0 }
    guard !pins.isEmpty, unsafe X509_STORE_CTX_get_error_depth(store) == 0 else { return 1 }
    if let leaf = unsafe X509_STORE_CTX_get_current_cert(store), let key = unsafe X509Certificate.spki(of: leaf),
        pins.contains(key)
    {
        return 1
    }
    connection.refusal = .certificate(.pinMismatch)
    unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
    return 0
}

/// `SSL_CTX_sess_set_new_cb`: 1 keeps the reference.
private func keepSession(_ ssl: OpaquePointer?, _ session: OpaquePointer?) -> Int32 {
    guard let session = unsafe session, let connection = unsafe TLSConnection.behind(ssl),
        case .client(let context, let peer, _) = connection.role
    else { return 0 }
    unsafe context.sessions.keep(TLSSession(owning: session), for: peer)
    return 1
}
