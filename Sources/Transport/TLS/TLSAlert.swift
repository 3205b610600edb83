// SPDX-License-Identifier: Apache-2.0

/// An alert of the TLS protocol, by its number. RFC 8446, section 6.
package struct TLSAlert: Hashable, Sendable, CustomStringConvertible {
    package let code: UInt8

    package init(code: UInt8) { self.code = code }

    package static let closeNotify = TLSAlert(code: 0)
    package static let handshakeFailure = TLSAlert(code: 40)
    package static let certificateExpired = TLSAlert(code: 45)
    package static let unknownCA = TLSAlert(code: 48)
    package static let protocolVersion = TLSAlert(code: 70)
    package static let noRenegotiation = TLSAlert(code: 100)
    package static let missingExtension = TLSAlert(code: 109)
    package static let unrecognizedName = TLSAlert(code: 112)
    package static let certificateRequired = TLSAlert(code: 116)
    package static let noApplicationProtocol = TLSAlert(code: 120)

    /// The name the RFCs use, or `alert_N` for a number nobody registered here.
    package var description: String {
        switch code {
        case 0: "close_notify"
        case 10: "unexpected_message"
        case 20: "bad_record_mac"
        case 22: "record_overflow"
        case 40: "handshake_failure"
        case 42: "bad_certificate"
        case 43: "unsupported_certificate"
        case 44: "certificate_revoked"
        case 45: "certificate_expired"
        case 46: "certificate_unknown"
        case 47: "illegal_parameter"
        case 48: "unknown_ca"
        case 49: "access_denied"
        case 50: "decode_error"
        case 51: "decrypt_error"
        case 70: "protocol_version"
        case 71: "insufficient_security"
        case 80: "internal_error"
        case 86: "inappropriate_fallback"
        case 90: "user_canceled"
        case 100: "no_renegotiation"
        case 109: "missing_extension"
        case 110: "unsupported_extension"
        case 112: "unrecognized_name"
        case 113: "bad_certificate_status_response"
        case 115: "unknown_psk_identity"
        case 116: "certificate_required"
        case 120: "no_application_protocol"
        default: "alert_\(code)"
        }
    }
}
