// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import CTLSBio

/// A certificate on its way to being signed.
@safe struct CertificateDraft: ~Copyable {
    private let pointer: OpaquePointer

    /// With a random serial number of 120 bits.
    init(subject: String, key: PrivateKey, validity: CertificateValidity) throws(OpenSSLFault) {
        ERR_clear_error()
        guard let pointer = unsafe X509_new() else { throw .drained("allocating") }
        guard unsafe Self.fill(pointer, subject, key, validity) else {
            unsafe X509_free(pointer)
            throw .drained("drafting a certificate")
        }
        unsafe self.pointer = pointer
    }

    deinit { unsafe X509_free(pointer) }

    private static func fill(
        _ pointer: OpaquePointer, _ subject: String, _ key: PrivateKey, _ validity: CertificateValidity
    ) -> Bool {
        let common = Array(String(subject.prefix(64)).utf8)
        let serial = unsafe BN_new()
        defer { unsafe BN_free(serial) }
        return unsafe X509_set_version(pointer, 2) == 1
            && BN_rand(serial, 120, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
            && BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(pointer)) != nil
            && ASN1_TIME_set(X509_getm_notBefore(pointer), time_t(validity.notBefore)) != nil
            && ASN1_TIME_set(X509_getm_notAfter(pointer), time_t(validity.notAfter)) != nil
            && X509_NAME_add_entry_by_txt(
                X509_get_subject_name(pointer), "CN", ent_mbstring_utf8, common, Int32(common.count), -1, 0) == 1
            && X509_set_pubkey(pointer, key.pointer) == 1
    }

    func makeAuthority(permittedDomains: [String]) throws(OpenSSLFault) {
        try add(NID_basic_constraints, "critical,CA:TRUE")
        try add(NID_key_usage, "critical,keyCertSign,cRLSign")
        guard !permittedDomains.isEmpty else { return }
        let names = try GeneralNames(dnsNames: permittedDomains)
        guard unsafe ent_x509_add_permitted_names(pointer, names.pointer, 1) == 1 else {
            throw .drained("constraining names")
        }
    }

    func makeLeaf(_ request: CertificateRequest) throws(OpenSSLFault) {
        try add(NID_basic_constraints, "critical,CA:FALSE")
        try add(NID_key_usage, "critical,digitalSignature")
        switch request.usage {
        case .server: try add(NID_ext_key_usage, "serverAuth")
        case .client: try add(NID_ext_key_usage, "clientAuth")
        case .both: try add(NID_ext_key_usage, "serverAuth,clientAuth")
        }
        guard !request.dnsNames.isEmpty || !request.addresses.isEmpty else { return }
        let names = try GeneralNames(dnsNames: request.dnsNames, addresses: request.addresses)
        guard unsafe ent_x509_add_alternative_names(pointer, names.pointer) == 1 else {
            throw .drained("adding alternative names")
        }
    }

    /// - Parameter issuer: nil for a self-signed one.
    consuming func signed(by issuer: X509Certificate?, key: PrivateKey) throws(OpenSSLFault) -> X509Certificate {
        let issuerPointer = unsafe issuer?.pointer ?? pointer
        guard unsafe X509_set_issuer_name(pointer, X509_get_subject_name(issuerPointer)) == 1 else {
            throw .drained("naming the issuer")
        }
        try add(NID_subject_key_identifier, "hash")
        if issuer != nil {
            guard unsafe ent_x509_add_extension(pointer, issuerPointer, NID_authority_key_identifier, "keyid") == 1
            else { throw .drained("naming the issuer's key") }
        }
        guard unsafe X509_sign(pointer, key.pointer, EVP_sha256()) > 0, unsafe X509_up_ref(pointer) == 1 else {
            throw .drained("signing a certificate")
        }
        return unsafe X509Certificate(owning: pointer)
    }

    private func add(_ nid: Int32, _ value: StaticString) throws(OpenSSLFault) {
        let text = value.description
        guard unsafe ent_x509_add_extension(pointer, pointer, nid, text) == 1 else {
            throw .drained("adding an extension")
        }
    }
}

/// Owns a list of general names.
@safe private struct GeneralNames: ~Copyable {
    let pointer: OpaquePointer

    init(dnsNames: [String], addresses: [String] = []) throws(OpenSSLFault) {
        guard let pointer = unsafe ent_names_create() else { throw .drained("allocating") }
        var done = true
        for name in dnsNames where done { done = unsafe ent_names_add_dns(pointer, name, name.utf8.count) == 1 }
        for address in addresses where done { done = unsafe ent_names_add_ip(pointer, address) == 1 }
        guard done else {
            unsafe ent_names_destroy(pointer)
            throw .drained("listing names")
        }
        unsafe self.pointer = pointer
    }

    deinit { unsafe ent_names_destroy(pointer) }
}
