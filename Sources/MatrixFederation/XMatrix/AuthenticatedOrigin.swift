// SPDX-License-Identifier: Apache-2.0

/// Proof that a request was signed by a key of its origin, for us, as it was received. Only `verify` makes it.
package struct AuthenticatedOrigin: Sendable {
    package let origin: ServerName
    /// Our name under which the request was signed.
    package let destination: ServerName
    /// The credentials that were verified; what goes on to the homeserver is written from them.
    package let header: XMatrixHeader
    /// The key that verified them.
    package let keyFingerprint: Digest

    package enum Failure: Error, Equatable, Sendable {
        case destinationMissing
        case destinationMismatch(ServerName)
        case keyUnknown
        case keyOld(since: Timestamp)
        case keyExpired(since: Timestamp)
        case keyConflict
        case keyDenylisted
        case keysResponseInvalid
        case keysUnavailable
        case signatureInvalid

        package var reason: AuthenticationReason {
            switch self {
            case .destinationMissing: .destinationMissing
            case .destinationMismatch: .destinationMismatch
            case .keyUnknown: .keyUnknown
            case .keyOld: .keyOld
            case .keyExpired: .keyExpired
            case .keyConflict: .keyConflict
            case .keyDenylisted: .keyDenylisted
            case .keysResponseInvalid: .keysResponseInvalid
            case .keysUnavailable: .keysUnavailable
            case .signatureInvalid: .signatureInvalid
            }
        }

        /// The status of the answer, with `M_UNAUTHORIZED`.
        package var status: Int { 401 }
    }

    /// Verifies the credentials of a request as the reference homeserver does: every signature by a key that is known and
    /// valid now must be right, at least one there must be; keys that are not usable are passed over.
    ///
    /// - Parameters:
    ///   - method: as sent.
    ///   - uri: path and query exactly as in the request line.
    ///   - content: the body, if the method has one (PUT, POST).
    ///   - ownNames: our server names; our own name is what is verified, never the peer's word for it.
    ///   - isDestinationRequired: whether credentials without a destination are refused. Otherwise they are verified
    ///     against our name, if we have only one.
    ///   - key: what is known now of a key of the origin.
    package static func verify(
        method: Span<UInt8>, uri: Span<UInt8>, content: JSONDocument?, credentials: XMatrixCredentials,
        ownNames: [ServerName], isDestinationRequired: Bool = true, key: (KeyID) -> RequestKey
    ) throws(Failure) -> AuthenticatedOrigin {
        var destination = try ownName(credentials.first, ownNames, isDestinationRequired)
        for header in credentials.others {
            let name = try ownName(header, ownNames, isDestinationRequired)
            guard name == destination else { throw .destinationMismatch(name) }
            destination = name
        }

        // Made only when there is a key to check it with: strangers do not get our work for nothing.
        var message: [UInt8] = []
        var verified: AuthenticatedOrigin?
        var unusable: Failure?
        for index in 0...credentials.others.count {
            let header = index == 0 ? credentials.first : credentials.others[index - 1]
            switch key(header.key) {
            case .valid(let key):
                if message.isEmpty {
                    message = SignedRequest.message(
                        method: method, uri: uri, origin: credentials.origin, destination: destination,
                        content: content)
                }
                guard key.isValid(signature: header.signature, of: message.span) else { throw .signatureInvalid }
                verified =
                    verified
                    ?? AuthenticatedOrigin(
                        origin: header.origin, destination: destination, header: header,
                        keyFingerprint: key.fingerprint)
            case .conflicting: throw .keyConflict
            case .denylisted: throw .keyDenylisted
            case .expired(let since): unusable = unusable ?? .keyExpired(since: since)
            case .old(let since): unusable = unusable ?? .keyOld(since: since)
            case .unknown: unusable = unusable ?? .keyUnknown
            case .responseInvalid: unusable = unusable ?? .keysResponseInvalid
            case .unavailable: unusable = unusable ?? .keysUnavailable
            }
        }
        guard let verified else { throw unusable ?? .keyUnknown }
        return verified
    }

    private init(origin: ServerName, destination: ServerName, header: XMatrixHeader, keyFingerprint: Digest) {
        self.origin = origin
        self.destination = destination
        self.header = header
        self.keyFingerprint = keyFingerprint
    }

    /// Which of our names the credentials are for.
    private static func ownName(
        _ header: XMatrixHeader, _ ownNames: [ServerName], _ isRequired: Bool
    ) throws(Failure) -> ServerName {
        guard let destination = header.destination else {
            guard !isRequired, ownNames.count == 1, let only = ownNames.first else { throw .destinationMissing }
            return only
        }
        for name in ownNames where name == destination { return name }
        throw .destinationMismatch(destination)
    }
}
