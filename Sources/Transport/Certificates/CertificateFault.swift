// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Why a certificate was refused. Closed; `other` keeps the library's verification code.
package enum CertificateFault: Error, Hashable, Sendable {
    case expired
    case notYetValid
    /// It covers another name.
    case nameMismatch
    /// No path to a root that is trusted, also: an issuer is missing from the chain.
    case unknownAuthority
    /// It is its own issuer and no root.
    case selfSigned
    case revoked
    /// Revocation is to be checked and no list of its issuer is there, or the list is out of date.
    case revocationUnknown
    /// Its public key is none of the pinned ones.
    case pinMismatch
    /// The purpose does not fit, for example a client certificate shown by a server.
    case purpose
    /// An authority in the chain may not issue it: no CA flag, path length, name constraints.
    case authorityConstraint
    /// A key or signature in the chain is too weak.
    case weakKey
    case badSignature
    /// It cannot be read.
    case unreadable
    case other(Int32)

    /// From a verification code of libcrypto; nil for `X509_V_OK`.
    init?(code: Int32) {
        switch code {
        case X509_V_OK: return nil
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .nameMismatch
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED,
            X509_V_ERR_CERT_REJECTED:
            self = .unknownAuthority
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: self = .selfSigned
        case X509_V_ERR_CERT_REVOKED: self = .revoked
        case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_CRL_HAS_EXPIRED, X509_V_ERR_CRL_NOT_YET_VALID,
            X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, X509_V_ERR_CRL_SIGNATURE_FAILURE:
            self = .revocationUnknown
        case X509_V_ERR_INVALID_PURPOSE: self = .purpose
        case X509_V_ERR_INVALID_CA, X509_V_ERR_INVALID_NON_CA, X509_V_ERR_PATH_LENGTH_EXCEEDED,
            X509_V_ERR_PERMITTED_VIOLATION, X509_V_ERR_EXCLUDED_VIOLATION, X509_V_ERR_SUBTREE_MINMAX,
            X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX,
            X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
            self = .authorityConstraint
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK: self = .weakKey
        case X509_V_ERR_CERT_SIGNATURE_FAILURE: self = .badSignature
        default: self = .other(code)
        }
    }
}
