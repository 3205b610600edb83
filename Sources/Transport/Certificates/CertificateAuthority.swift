// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import CTLSBio

/// A private certificate authority in memory.
package struct CertificateAuthority: Sendable {
    /// Its own certificate first, then those above it up to but without the root; the root alone for a root.
    private let chain: [X509Certificate]
    private let key: PrivateKey

    package var certificate: X509Certificate { chain[0] }

    /// A new self-signed root.
    ///
    /// - Parameters:
    ///   - name: the common name, at most 64 characters.
    ///   - permittedDomains: if there are any, the root is good for these domains and those below them only, and for no
    ///     address. RFC 5280, section 4.2.1.10.
    package init(
        name: String, validity: CertificateValidity = .days(3650), permittedDomains: [String] = []
    ) throws(OpenSSLFault) {
        let key = try PrivateKey(generating: .p256)
        let draft = try CertificateDraft(subject: name, key: key, validity: validity)
        try draft.makeAuthority(permittedDomains: permittedDomains)
        chain = [try draft.signed(by: nil, key: key)]
        self.key = key
    }

    /// One that was kept.
    ///
    /// - Parameters:
    ///   - certificates: PEM text, its own first.
    ///   - key: PEM text without a password.
    package init(certificates: [UInt8], key: [UInt8]) throws(OpenSSLFault) {
        chain = try X509Certificate.chain(pem: certificates)
        self.key = try PrivateKey(pem: key)
    }

    private init(chain: [X509Certificate], key: PrivateKey) {
        self.chain = chain
        self.key = key
    }

    /// Another authority below this one. Its leaves carry its certificate in their chain.
    package func subordinate(
        name: String, validity: CertificateValidity = .days(3650)
    ) throws(OpenSSLFault) -> CertificateAuthority {
        let key = try PrivateKey(generating: .p256)
        let draft = try CertificateDraft(subject: name, key: key, validity: validity)
        try draft.makeAuthority(permittedDomains: [])
        let own = try draft.signed(by: certificate, key: self.key)
        return CertificateAuthority(chain: [own] + (certificate.isSelfIssued ? [] : chain), key: key)
    }

    /// A certificate with a new key. Nothing asked for is checked: tests ask for bad ones.
    package func issue(_ request: CertificateRequest) throws(OpenSSLFault) -> TLSIdentity {
        let key = try PrivateKey(generating: request.key)
        let subject = request.dnsNames.first ?? request.addresses.first ?? "unnamed"
        let draft = try CertificateDraft(subject: subject, key: key, validity: request.validity)
        try draft.makeLeaf(request)
        let leaf = try draft.signed(by: certificate, key: self.key)
        return TLSIdentity(chain: [leaf] + (certificate.isSelfIssued ? [] : chain), key: key)
    }

    /// Its certificate as PEM text: what to trust.
    package func pem() throws(OpenSSLFault) -> [UInt8] { try certificate.pem() }

    /// Its key as unencrypted PEM text.
    package func keyPEM() throws(OpenSSLFault) -> [UInt8] { try key.pem() }

    /// A list, as PEM text, that says these certificates are revoked.
    package func revocationList(
        revoking certificates: [X509Certificate], validity: CertificateValidity = .days(30)
    ) throws(OpenSSLFault) -> [UInt8] {
        guard let list = unsafe X509_CRL_new() else { throw .drained("allocating") }
        defer { unsafe X509_CRL_free(list) }
        guard let from = unsafe ASN1_TIME_set(nil, time_t(validity.notBefore)) else { throw .drained("allocating") }
        defer { unsafe ASN1_TIME_free(from) }
        guard let until = unsafe ASN1_TIME_set(nil, time_t(validity.notAfter)) else { throw .drained("allocating") }
        defer { unsafe ASN1_TIME_free(until) }
        var done =
            unsafe X509_CRL_set_version(list, 1) == 1
            && X509_CRL_set_issuer_name(list, X509_get_subject_name(certificate.pointer)) == 1
            && X509_CRL_set1_lastUpdate(list, from) == 1 && X509_CRL_set1_nextUpdate(list, until) == 1
        for revoked in certificates where done {
            let entry = unsafe X509_REVOKED_new()
            done =
                unsafe X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked.pointer)) == 1
                && X509_REVOKED_set_revocationDate(entry, from) == 1
            if done {
                done = unsafe X509_CRL_add0_revoked(list, entry) == 1
            }
            if !done { unsafe X509_REVOKED_free(entry) }
        }
        guard done, unsafe X509_CRL_sign(list, key.pointer, EVP_sha256()) > 0 else {
            throw .drained("signing a revocation list")
        }
        let sink = try MemoryBIO()
        guard unsafe PEM_write_bio_X509_CRL(sink.pointer, list) == 1 else {
            throw .drained("writing a revocation list")
        }
        return sink.bytes
    }
}
