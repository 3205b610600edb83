// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Owns one `SSL_CTX`; freed exactly once, though each `SSL` of it holds a reference of its own.
@safe final class TLSContextPointer {
    let pointer: OpaquePointer

    static let tls12Suites =
        "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
        + "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
    static let tls13Suites = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"
    static let groups = "X25519:P-256:P-384"

    /// With the versions, suites, groups and options every connection has.
    init(server: Bool, minimumVersion: TLSConnectionFacts.Version) throws(OpenSSLFault) {
        ERR_clear_error()
        guard let pointer = unsafe SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()) else {
            throw .drained("making a TLS context")
        }
        unsafe self.pointer = pointer
        unsafe SSL_CTX_set_options(
            pointer, ent_op_no_renegotiation | ent_op_no_compression | ent_op_cipher_server_preference)
        unsafe ent_SSL_CTX_set_release_buffers(pointer)
        // The system's policy may ask for more than 112 bits, never for less.
        unsafe SSL_CTX_set_security_level(pointer, max(2, SSL_CTX_get_security_level(pointer)))
        let minimum = minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
        guard unsafe ent_SSL_CTX_set_min_proto_version(pointer, minimum) == 1,
            unsafe ent_SSL_CTX_set_max_proto_version(pointer, TLS1_3_VERSION) == 1,
            unsafe SSL_CTX_set_cipher_list(pointer, Self.tls12Suites) == 1,
            unsafe SSL_CTX_set_ciphersuites(pointer, Self.tls13Suites) == 1,
            unsafe ent_SSL_CTX_set1_groups_list(pointer, Self.groups) == 1
        else { throw .drained("setting versions, cipher suites and groups") }
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    /// Adds a certificate with its chain and key; replaces one of the same key type.
    func use(_ identity: TLSIdentity) throws(OpenSSLFault) {
        ERR_clear_error()
        guard let leaf = identity.chain.first else {
            throw OpenSSLFault(attempt: "an identity without a certificate", reason: "")
        }
        guard unsafe SSL_CTX_use_certificate(pointer, leaf.pointer) == 1 else {
            throw .drained("using a certificate")
        }
        guard unsafe SSL_CTX_use_PrivateKey(pointer, identity.key.pointer) == 1,
            unsafe SSL_CTX_check_private_key(pointer) == 1
        else { throw .drained("using the private key of a certificate") }
        for issuer in identity.chain.dropFirst() {
            guard unsafe ent_SSL_CTX_add1_chain_cert(pointer, issuer.pointer) == 1 else {
                throw .drained("using the chain of a certificate")
            }
        }
    }

    /// Verifies peers against these roots. The store is shared: it is not changed after.
    func trust(_ store: CertificateStore) throws(OpenSSLFault) {
        guard unsafe X509_STORE_up_ref(store.pointer) == 1 else { throw .drained("sharing authorities") }
        unsafe SSL_CTX_set_cert_store(pointer, store.pointer)
    }
}
