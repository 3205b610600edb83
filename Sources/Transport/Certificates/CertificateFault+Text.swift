// SPDX-License-Identifier: Apache-2.0

extension CertificateFault {
    /// Why, in words for records, logs and `entente probe certificate`; stable between releases.
    package var text: String {
        switch self {
        case .expired: "the certificate has expired"
        case .notYetValid: "the certificate is not valid yet"
        case .nameMismatch: "the certificate covers another name"
        case .unknownAuthority: "the certificate leads to no trusted authority, or an intermediate one is missing"
        case .selfSigned: "the certificate is signed by itself and not trusted"
        case .revoked: "the certificate is revoked"
        case .revocationUnknown: "whether the certificate is revoked cannot be told: its list is missing or out of date"
        case .pinMismatch: "the certificate's key is none of the pinned ones"
        case .purpose: "the certificate is for another purpose"
        case .authorityConstraint: "an authority in the chain may not issue this certificate"
        case .weakKey: "a key or signature in the chain is too weak"
        case .badSignature: "a signature in the chain is wrong"
        case .unreadable: "the certificate cannot be read"
        case .other(let code): "the certificate was refused by verification code \(code) of libcrypto"
        }
    }

    /// A short name, stable between releases.
    package var name: String {
        switch self {
        case .expired: "expired"
        case .notYetValid: "not_yet_valid"
        case .nameMismatch: "name_mismatch"
        case .unknownAuthority: "unknown_authority"
        case .selfSigned: "self_signed"
        case .revoked: "revoked"
        case .revocationUnknown: "revocation_unknown"
        case .pinMismatch: "pin_mismatch"
        case .purpose: "purpose"
        case .authorityConstraint: "authority_constraint"
        case .weakKey: "weak_key"
        case .badSignature: "bad_signature"
        case .unreadable: "unreadable"
        case .other: "other"
        }
    }
}
