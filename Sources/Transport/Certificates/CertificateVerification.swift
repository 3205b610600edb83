// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import CTLSBio

/// Verifies a server's certificate outside a connection, by the rules of the client handler.
package enum CertificateVerification {
    /// - Parameters:
    ///   - chain: PEM text, leaf first; the rest may be in any order.
    ///   - roots: who is trusted.
    ///   - peer: the name the leaf must cover.
    ///   - time: seconds since 1970-01-01T00:00:00Z; nil is now.
    ///   - pins: keys one of which the *leaf* must have; empty demands none.
    /// - Returns: nil when the certificate is good.
    /// - Throws: when the roots cannot be read or `peer` is no name at all.
    package static func fault(
        chain: [UInt8], roots: TrustRoots, peer: TLSPeerName, time: Int64? = nil, pins: Set<SPKIHash> = []
    ) throws(OpenSSLFault) -> CertificateFault? {
        let store = try roots.store()
        guard let certificates = try? X509Certificate.chain(pem: chain), let leaf = certificates.first else {
            return .unreadable
        }
        let rest = unsafe ent_chain_create()
        defer { unsafe ent_chain_destroy(rest) }
        for certificate in certificates.dropFirst() {
            guard unsafe ent_chain_push(rest, certificate.pointer) == 1 else { throw .drained("allocating") }
        }
        guard let context = unsafe X509_STORE_CTX_new() else { throw .drained("allocating") }
        defer { unsafe X509_STORE_CTX_free(context) }
        guard unsafe X509_STORE_CTX_init(context, store.pointer, leaf.pointer, rest) == 1,
            unsafe X509_STORE_CTX_set_default(context, "ssl_server") == 1,
            let parameters = unsafe X509_STORE_CTX_get0_param(context)
        else { throw .drained("preparing verification") }
        try unsafe CertificateRules.apply(to: parameters, peer: peer, time: time)
        ERR_clear_error()
        let isGood = withExtendedLifetime((store, certificates)) { unsafe X509_verify_cert(context) == 1 }
        guard isGood else {
            ERR_clear_error()
            return unsafe CertificateFault(code: X509_STORE_CTX_get_error(context)) ?? .unreadable
        }
        guard pins.isEmpty || leaf.spki.map(pins.contains) == true else { return .pinMismatch }
        return nil
    }
}
