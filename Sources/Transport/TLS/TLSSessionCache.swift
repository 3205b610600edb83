// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import Glibc
internal import Synchronization

/// Owns one `SSL_SESSION`.
///
/// `@unchecked Sendable`: used by one connection at a time, as the cache hands each out once.
@safe final class TLSSession: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over the reference.
    init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe SSL_SESSION_free(pointer) }

    /// Whether a full handshake would still accept what was verified when the session was made, as far as the
    /// certificate itself tells: its dates and its key.
    func isUsable(pins: Set<SPKIHash>, time: Int64?) -> Bool {
        guard unsafe SSL_SESSION_is_resumable(pointer) == 1, let leaf = unsafe SSL_SESSION_get0_peer(pointer) else {
            return false
        }
        var now = Glibc.time(nil)
        guard unsafe now - time_t(SSL_SESSION_get_time(pointer)) < TLSSessionCache.maxAgeSeconds else { return false }
        if let time { now = time_t(time) }
        guard unsafe X509_cmp_time(X509_get0_notAfter(leaf), &now) > 0 else { return false }
        guard !pins.isEmpty else { return true }
        return unsafe X509Certificate.spki(of: leaf).map(pins.contains) ?? false
    }
}

/// Sessions to resume, by the name of the server; each is used once. RFC 8446, appendix C.4.
final class TLSSessionCache: Sendable {
    static let maxAgeSeconds = 3600
    private static let maxPeers = 512
    private static let maxSessionsPerPeer = 4

    private let sessions = Mutex<[TLSPeerName: [TLSSession]]>([:])

    func keep(_ session: TLSSession, for peer: TLSPeerName) {
        sessions.withLock { sessions in
            if sessions[peer] == nil, sessions.count >= Self.maxPeers, let victim = sessions.keys.first {
                sessions[victim] = nil
            }
            var own = sessions[peer, default: []]
            if own.count >= Self.maxSessionsPerPeer { own.removeFirst() }
            own.append(session)
            sessions[peer] = own
        }
    }

    /// The newest session that may still be resumed; those that may not are forgotten.
    func take(for peer: TLSPeerName, pins: Set<SPKIHash>, time: Int64?) -> TLSSession? {
        sessions.withLock { sessions in
            while let session = sessions[peer]?.popLast() {
                if sessions[peer]?.isEmpty == true { sessions[peer] = nil }
                if session.isUsable(pins: pins, time: time) { return session }
            }
            return nil
        }
    }
}
