// SPDX-License-Identifier: Apache-2.0

/// Why a request is not believed to come from who it says; the raw values are reason codes of the audit record.
package enum AuthenticationReason: String, CaseIterable, Hashable, Sendable {
    case missing = "auth.missing"
    case headerMalformed = "auth.header_malformed"
    case multipleOrigins = "auth.multiple_origins"
    case destinationMissing = "auth.destination_missing"
    case destinationMismatch = "auth.destination_mismatch"
    case keyUnknown = "auth.key_unknown"
    case keyOld = "auth.key_old"
    case keyExpired = "auth.key_expired"
    case keyConflict = "keys.conflict"
    case keyDenylisted = "keys.denylisted"
    case keysResponseInvalid = "keys.response_invalid"
    case keysUnavailable = "keys.unavailable"
    case signatureInvalid = "auth.sig_invalid"
}
