// SPDX-License-Identifier: Apache-2.0

/// What becomes of a received event by its form, signatures, hash and size, before any room state is looked at.
///
/// Source: Server-Server API, "Checks performed on receipt of a PDU", steps 1 to 3; the outcome is the reference's.
package enum EventVerification: Hashable, Sendable {
    case accept
    /// The signatures are good, the content hash is not: only the redacted form is taken.
    case redact
    /// Kept by the reference as rejected: over a size limit.
    case reject
    case drop(Stage)

    package enum Stage: String, Hashable, Sendable {
        case format, signature, hash
    }

    /// A server's key as far as the verifier knows it.
    package struct KnownKey: Sendable {
        package let key: VerifyKey
        /// `valid_until_ts` of a current key, `expired_ts` of an old one.
        package let validUntil: Timestamp

        package init(_ key: VerifyKey, validUntil: Timestamp) {
            self.key = key
            self.validUntil = validUntil
        }
    }

    /// - Parameter keys: the key of a server under an ID; nil if it is not known.
    package init(of event: EventForm, keys: @escaping (ServerName, KeyID) -> KnownKey?) {
        guard EventFormat.isValid(event) else {
            self = .drop(.format)
            return
        }
        guard let signers = RequiredSigners(of: event), EventSignatures(event, keys).areValid(of: signers.servers)
        else {
            self = .drop(.signature)
            return
        }
        guard let hash = Self.claimedContentHash(event) else {
            self = .drop(.hash)
            return
        }
        if hash != event.contentHash().bytes {
            self = .redact
        } else {
            self = EventFormat.isWithinLimits(event) ? .accept : .reject
        }
    }

    private static func claimedContentHash(_ event: EventForm) -> [UInt8]? {
        guard let hashes = event.document.value("hashes", of: event.node),
            let text = event.document.value("sha256", of: hashes).flatMap(event.document.decodedBytes)
        else { return nil }
        return Base64.decode(text.span)
    }
}
