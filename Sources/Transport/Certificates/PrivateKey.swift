// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import CTLSBio

/// Owns one `EVP_PKEY`; freed, and its secret wiped by libcrypto, exactly once.
///
/// `@unchecked Sendable`: not changed after `init`; libcrypto locks what signing caches.
@safe package final class PrivateKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over the reference.
    init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe EVP_PKEY_free(pointer) }

    /// The first private key of a PEM text. A key under a password is refused.
    package init(pem: [UInt8]) throws(OpenSSLFault) {
        ERR_clear_error()
        let source = try MemoryBIO(reading: pem)
        guard let pointer = unsafe PEM_read_bio_PrivateKey(source.pointer, nil, ent_no_password, nil) else {
            throw .drained("reading a private key")
        }
        unsafe self.pointer = pointer
    }

    package enum Kind: Sendable { case p256, p384, brainpoolP256r1, rsa2048, rsa1024, ed25519 }

    /// A new key from the system's randomness.
    package init(generating kind: Kind) throws(OpenSSLFault) {
        let made =
            switch kind {
            case .p256: unsafe ent_EVP_EC_gen("P-256")
            case .p384: unsafe ent_EVP_EC_gen("P-384")
            case .brainpoolP256r1: unsafe ent_EVP_EC_gen("brainpoolP256r1")
            case .rsa2048: unsafe ent_EVP_RSA_gen(2048)
            case .rsa1024: unsafe ent_EVP_RSA_gen(1024)
            case .ed25519: unsafe ent_EVP_Ed25519_gen()
            }
        guard let made = unsafe made else { throw .drained("generating a key") }
        unsafe pointer = made
    }

    /// The key as unencrypted PKCS#8 PEM. The caller wipes it.
    package func pem() throws(OpenSSLFault) -> [UInt8] {
        let sink = try MemoryBIO()
        guard unsafe PEM_write_bio_PKCS8PrivateKey(sink.pointer, pointer, nil, nil, 0, nil, nil) == 1 else {
            throw .drained("writing a private key")
        }
        return sink.bytes
    }

    /// Which certificates can stand beside each other under one name: one of each type.
    var type: Int32 { unsafe EVP_PKEY_get_id(pointer) }
}
