// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import CTLSBio

/// The authorities a peer's certificate must lead to.
package enum TrustRoots: Hashable, Sendable {
    /// The system's, where `/etc/ssl` or `SSL_CERT_FILE` and `SSL_CERT_DIR` say.
    case system
    /// Exactly the certificates of this PEM text. Revocation lists in it switch revocation checks of leaves on.
    case pem([UInt8])
    /// The same from a file, read now and not again.
    case file(path: String)

    /// A store of these roots.
    func store() throws(OpenSSLFault) -> CertificateStore {
        ERR_clear_error()
        let store = try CertificateStore()
        switch self {
        case .system:
            guard unsafe X509_STORE_set_default_paths(store.pointer) == 1 else {
                throw .drained("reading the system's certificate authorities")
            }
        case .pem(let bytes):
            let source = try MemoryBIO(reading: bytes)
            try unsafe store.read(source.pointer)
        case .file(let path):
            guard let source = unsafe BIO_new_file(path, "r") else { throw .drained("opening `\(path)`") }
            defer { unsafe BIO_free_all(source) }
            try unsafe store.read(source)
        }
        return store
    }

    /// Names these as the authorities a server asks client certificates of. The system's many are left unnamed.
    func announce(in context: OpaquePointer) throws(OpenSSLFault) {
        var done = true
        switch self {
        case .system: break
        case .pem(let bytes):
            let source = try MemoryBIO(reading: bytes)
            done = unsafe ent_ctx_add_client_authorities(context, source.pointer) == 1
        case .file(let path):
            guard let source = unsafe BIO_new_file(path, "r") else { throw .drained("opening `\(path)`") }
            defer { unsafe BIO_free_all(source) }
            done = unsafe ent_ctx_add_client_authorities(context, source) == 1
        }
        guard done else { throw .drained("naming client authorities") }
    }
}
