// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import CTLSBio

/// Owns one `X509`; freed exactly once.
///
/// `@unchecked Sendable`: the certificate is not changed after `init` and libcrypto locks its reference count and its
/// cached extensions.
@safe package final class X509Certificate: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over the reference.
    init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe X509_free(pointer) }

    /// The certificates of a PEM text in their order. Other PEM blocks are passed over.
    ///
    /// - Throws: when there is none or one cannot be read.
    package static func chain(pem: [UInt8]) throws(OpenSSLFault) -> [X509Certificate] {
        ERR_clear_error()
        let source = try MemoryBIO(reading: pem)
        var chain: [X509Certificate] = []
        while let certificate = unsafe PEM_read_bio_X509(source.pointer, nil, ent_no_password, nil) {
            unsafe chain.append(X509Certificate(owning: certificate))
        }
        let end = ERR_peek_last_error()
        guard !chain.isEmpty, end == 0 || ERR_GET_REASON(end) == PEM_R_NO_START_LINE else {
            throw .drained("reading a certificate")
        }
        ERR_clear_error()
        return chain
    }

    /// One certificate in DER, the whole of the bytes.
    package init(der: [UInt8]) throws(OpenSSLFault) {
        ERR_clear_error()
        let read = unsafe der.withUnsafeBufferPointer { buffer -> (OpaquePointer?, Int) in
            var next = buffer.baseAddress
            let certificate = unsafe d2i_X509(nil, &next, buffer.count)
            guard let start = buffer.baseAddress, let next = unsafe next else { return unsafe (certificate, 0) }
            return unsafe (certificate, next - start)
        }
        guard let certificate = unsafe read.0 else { throw .drained("reading a certificate") }
        unsafe pointer = certificate
        // Freed by `deinit` from here on.
        guard unsafe read.1 == der.count else {
            throw OpenSSLFault(attempt: "reading a certificate", reason: "bytes follow it")
        }
    }

    /// The certificate in DER.
    package func der() throws(OpenSSLFault) -> [UInt8] {
        var encoded: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_X509(pointer, &encoded)
        guard count > 0, let encoded = unsafe encoded else { throw .drained("writing a certificate") }
        defer { unsafe ent_OPENSSL_free(encoded) }
        return unsafe Array(UnsafeBufferPointer(start: encoded, count: Int(count)))
    }

    /// Its whole subject in the form of RFC 2253, for people and for comparing; UTF-8, control characters escaped.
    package var subject: String {
        guard let sink = try? MemoryBIO() else { return "" }
        guard unsafe X509_NAME_print_ex(sink.pointer, X509_get_subject_name(pointer), 0, ent_subject_flags) >= 0 else {
            return ""
        }
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    /// Whether its key may sign data: it says so, or does not say what its key is for.
    var maySignData: Bool {
        let usage = unsafe X509_get_key_usage(pointer)
        return usage & UInt32(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION) != 0
    }

    /// The subject alternative names of one type: `GEN_DNS` or `GEN_IPADD`.
    private func names(_ wanted: Int32) -> [[UInt8]] {
        var found: [[UInt8]] = []
        unsafe withUnsafeMutablePointer(to: &found) { found in
            var visit = unsafe (wanted: wanted, found: found)
            unsafe withUnsafeMutablePointer(to: &visit) { visit in
                unsafe ent_x509_each_name(pointer, visit) { context, type, bytes, count in
                    guard
                        let visit = unsafe context?.assumingMemoryBound(
                            to: (wanted: Int32, found: UnsafeMutablePointer<[[UInt8]]>).self),
                        unsafe visit.pointee.wanted == type
                    else { return }
                    let name = unsafe UnsafeBufferPointer(start: bytes, count: count)
                    unsafe visit.pointee.found.pointee.append(Array(name))
                }
            }
        }
        return found
    }

    /// The DNS names it covers, in lower case, wildcards included. RFC 6125, section 6.4.4: the common name is no name.
    package var dnsNames: [String] {
        names(GEN_DNS).compactMap { name in
            // A NUL or anything else that is no host name makes the entry useless, not the certificate.
            name.allSatisfy { ServerNameExtension.isNameByte($0) || $0 == UInt8(ascii: "*") }
                ? String(decoding: name, as: UTF8.self).lowercased() : nil
        }
    }

    /// Whether it covers at least one address.
    package var hasAddresses: Bool { !names(GEN_IPADD).isEmpty }

    /// Whether subject and issuer are the same: a root.
    package var isSelfIssued: Bool {
        unsafe X509_NAME_cmp(X509_get_subject_name(pointer), X509_get_issuer_name(pointer)) == 0
    }

    /// The hash of its public key; nil if the key cannot be encoded.
    package var spki: SPKIHash? { unsafe Self.spki(of: pointer) }

    static func spki(of certificate: OpaquePointer) -> SPKIHash? {
        guard let key = unsafe X509_get_X509_PUBKEY(certificate) else { return nil }
        var encoded: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_X509_PUBKEY(key, &encoded)
        guard count > 0, let encoded = unsafe encoded else { return nil }
        defer { unsafe ent_OPENSSL_free(encoded) }
        var hash = [UInt8](repeating: 0, count: 32)
        guard unsafe SHA256(encoded, Int(count), &hash) != nil else { return nil }
        return SPKIHash(bytes: hash)
    }

    /// The certificate as PEM text.
    package func pem() throws(OpenSSLFault) -> [UInt8] {
        let sink = try MemoryBIO()
        guard unsafe PEM_write_bio_X509(sink.pointer, pointer) == 1 else { throw .drained("writing a certificate") }
        return sink.bytes
    }
}
