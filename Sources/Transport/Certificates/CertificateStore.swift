// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import CTLSBio

/// Owns one `X509_STORE`; whoever keeps the pointer longer takes a reference of their own.
@safe final class CertificateStore {
    let pointer: OpaquePointer

    init() throws(OpenSSLFault) {
        guard let pointer = unsafe X509_STORE_new() else { throw .drained("allocating") }
        unsafe self.pointer = pointer
    }

    deinit { unsafe X509_STORE_free(pointer) }

    /// Adds the certificates and revocation lists of a PEM text; at least one certificate.
    ///
    /// With a revocation list every leaf is checked against one of its issuer: a missing or stale list refuses.
    func read(_ source: OpaquePointer) throws(OpenSSLFault) {
        var lists: Int32 = 0
        guard unsafe ent_store_read(pointer, source, &lists) > 0 else {
            throw .drained("reading certificate authorities")
        }
        if lists > 0 { unsafe X509_STORE_set_flags(pointer, UInt(X509_V_FLAG_CRL_CHECK)) }
    }
}
