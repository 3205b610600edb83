// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// What a server's certificate must satisfy beside leading to a root: the one place that sets it, for connections and
/// for `CertificateVerification` alike.
enum CertificateRules {
    /// - Parameters:
    ///   - parameters: an `X509_VERIFY_PARAM`.
    ///   - time: seconds since 1970; nil is now.
    /// - Throws: when `peer` is no host name or address; the parameters must not be used then.
    static func apply(to parameters: OpaquePointer, peer: TLSPeerName, time: Int64?) throws(OpenSSLFault) {
        // RFC 6125, 6.4.4 and 7.2: names only from the extension, a wildcard only as the whole leftmost label.
        unsafe X509_VERIFY_PARAM_set_hostflags(
            parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        unsafe refuseWeakness(parameters)
        let isSet =
            switch peer {
            // An empty name would switch the check off and a leading dot would match every subdomain.
            case .dns(let name):
                unsafe ServerNameExtension.isHostName(name)
                    && X509_VERIFY_PARAM_set1_host(parameters, name, name.utf8.count) == 1
            case .ip(let address): unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, address) == 1
            }
        guard isSet else {
            ERR_clear_error()
            throw OpenSSLFault(attempt: "`\(peer.text)` is no host name or address", reason: "")
        }
        if let time { unsafe X509_VERIFY_PARAM_set_time(parameters, Int(time)) }
    }

    /// 112 bits: RSA 2048, P-256, no SHA-1. The same as the library's own level for connections on Debian.
    static func refuseWeakness(_ parameters: OpaquePointer) {
        unsafe X509_VERIFY_PARAM_set_auth_level(parameters, 2)
    }
}
