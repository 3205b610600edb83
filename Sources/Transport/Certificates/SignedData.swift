// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import CTLSBio

/// Data and a signature of it by the holder of a certificate, as a signed list comes.
package struct SignedData: Sendable {
    package var data: [UInt8]
    /// ECDSA: r and s side by side.
    package var signature: [UInt8]
    package var algorithm: SignatureAlgorithm
    /// DER, the signer's first; the rest may be in any order. The root may be missing.
    package var certificates: [[UInt8]]

    package init(
        data: [UInt8], signature: [UInt8], algorithm: SignatureAlgorithm, certificates: [[UInt8]]
    ) {
        self.data = data
        self.signature = signature
        self.algorithm = algorithm
        self.certificates = certificates
    }

    /// Who signed, once it is proved.
    package struct Signer: Hashable, Sendable {
        /// RFC 2253.
        package let subject: String
        package let dnsNames: [String]
        package let spki: SPKIHash?
        /// The first end among the certificates from the signer's to the root: seconds since 1970-01-01T00:00:00Z.
        package let validUntil: Int64
    }

    package enum Fault: Error, Hashable, Sendable {
        case certificate(CertificateFault)
        /// The signer's certificate says that its key is not for signing data.
        case keyUsage
        /// The algorithm is not one for the signer's key.
        case algorithm
        case signature
        /// The roots cannot be read, or memory is short.
        case library(OpenSSLFault)
    }

    /// Verifies the certificates and then the signature.
    ///
    /// Every certificate of `roots` is an authority, also one that is itself issued by another.
    ///
    /// - Parameter time: seconds since 1970-01-01T00:00:00Z.
    package func signer(roots: TrustRoots, time: Int64) throws(Fault) -> Signer {
        var chain: [X509Certificate] = []
        for der in certificates {
            guard let certificate = try? X509Certificate(der: der) else { throw .certificate(.unreadable) }
            chain.append(certificate)
        }
        guard let leaf = chain.first else { throw .certificate(.unreadable) }
        let end = try Self.end(of: chain, leaf, roots, time)
        guard leaf.maySignData else { throw .keyUsage }
        try verify(by: leaf)
        return Signer(subject: leaf.subject, dnsNames: leaf.dnsNames, spki: leaf.spki, validUntil: end)
    }

    /// Verifies the chain; gives the first end of a certificate in it.
    private static func end(
        of chain: [X509Certificate], _ leaf: X509Certificate, _ roots: TrustRoots, _ time: Int64
    ) throws(Fault) -> Int64 {
        let store: CertificateStore
        do throws(OpenSSLFault) {
            store = try roots.store()
        } catch {
            throw .library(error)
        }
        let rest = unsafe ent_chain_create()
        defer { unsafe ent_chain_destroy(rest) }
        for certificate in chain.dropFirst() {
            guard unsafe ent_chain_push(rest, certificate.pointer) == 1 else { throw .library(.drained("allocating")) }
        }
        guard let context = unsafe X509_STORE_CTX_new() else { throw .library(.drained("allocating")) }
        defer { unsafe X509_STORE_CTX_free(context) }
        guard unsafe X509_STORE_CTX_init(context, store.pointer, leaf.pointer, rest) == 1,
            let parameters = unsafe X509_STORE_CTX_get0_param(context)
        else { throw .library(.drained("preparing verification")) }
        unsafe CertificateRules.refuseWeakness(parameters)
        unsafe X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        unsafe X509_VERIFY_PARAM_set_time(parameters, Int(time))
        ERR_clear_error()
        defer { ERR_clear_error() }
        let isGood = withExtendedLifetime((store, chain)) { unsafe X509_verify_cert(context) == 1 }
        guard isGood else {
            throw .certificate(unsafe CertificateFault(code: X509_STORE_CTX_get_error(context)) ?? .unreadable)
        }
        let end = unsafe ent_ctx_chain_end(context)
        guard end >= 0 else { throw .certificate(.unreadable) }
        return end
    }

    private func verify(by leaf: X509Certificate) throws(Fault) {
        guard let key = unsafe X509_get0_pubkey(leaf.pointer), unsafe algorithm.fits(key) else { throw .algorithm }
        var signature = signature
        if let scalarBytes = algorithm.scalarBytes {
            guard let der = ECDSAForm.der(signature, scalarBytes: scalarBytes) else { throw .signature }
            signature = der
        }
        guard let context = unsafe EVP_MD_CTX_new() else { throw .library(.drained("allocating")) }
        defer {
            unsafe EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        let isReady = unsafe algorithm.prepare { unsafe EVP_DigestVerifyInit(context, $0, $1, nil, key) }
        guard isReady else { throw .library(.drained("preparing verification")) }
        let isGood = withExtendedLifetime(leaf) {
            unsafe EVP_DigestVerify(context, signature, signature.count, data, data.count) == 1
        }
        guard isGood else { throw .signature }
    }
}

extension PrivateKey {
    /// A signature of `data` as `SignedData` wants it.
    package func signature(of data: [UInt8], _ algorithm: SignatureAlgorithm) throws(OpenSSLFault) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .drained("allocating") }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe algorithm.prepare({ unsafe EVP_DigestSignInit(context, $0, $1, nil, pointer) }) else {
            throw .drained("preparing a signature")
        }
        var count = 1024
        var signature = [UInt8](repeating: 0, count: count)
        guard unsafe EVP_DigestSign(context, &signature, &count, data, data.count) == 1 else {
            throw .drained("signing")
        }
        signature.removeSubrange(count...)
        guard let scalarBytes = algorithm.scalarBytes else { return signature }
        guard let raw = ECDSAForm.raw(signature, scalarBytes: scalarBytes) else {
            throw OpenSSLFault(attempt: "signing", reason: "the key is of another size")
        }
        return raw
    }
}
