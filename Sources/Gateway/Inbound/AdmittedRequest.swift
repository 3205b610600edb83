// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// Stage *admit*: a request of a server that the policy lets speak, by the name it claims. Nothing is proved yet.
///
/// Unknown and blocked servers end here: before a key is fetched, before a body is read (AC-14).
final class AdmittedRequest {
    enum Caller {
        case peer(Peer, XMatrixCredentials)
        /// The endpoint asks for no credentials and none were shown (decision 1).
        case anonymous
    }

    let received: ReceivedRequest
    let caller: Caller

    /// - Parameters:
    ///   - own: the homeserver that is asked.
    ///   - claimed: told the name that the request claims, also when it is refused.
    init(
        _ received: ReceivedRequest, at own: ServerName, _ policy: Policy, claimed: (ServerName) -> Void
    ) throws(Refusal) {
        let credentials: XMatrixCredentials
        do throws(XMatrixCredentials.Malformed) {
            var reader = XMatrixCredentials.Reader()
            let head = received.head
            for field in head.fields where field.known == .authorization {
                try reader.read(head.bytes.span.extracting(field.value))
            }
            credentials = try reader.finish()
        } catch {
            if error == .missing, received.endpoint.authentication != .xMatrix {
                self.received = received
                caller = .anonymous
                return
            }
            throw Refusal(error.status, "M_UNAUTHORIZED", ReasonCode(error.reason))
        }
        claimed(credentials.origin)
        switch policy.admit(credentials.origin, at: own) {
        case .refused(let verdict):
            throw .forbidden(verdict)
        case .admitted(let peer):
            self.received = received
            caller = .peer(peer, credentials)
        }
    }

    var peer: Peer? {
        if case .peer(let peer, _) = caller { peer } else { nil }
    }
}

extension ReasonCode {
    /// The protocol core names its reasons as the record does; a test holds the two lists together.
    init(_ reason: AuthenticationReason) { self = ReasonCode(rawValue: reason.rawValue) ?? .authSignatureInvalid }

    init(_ family: JSONFault.Family) { self = ReasonCode(rawValue: family.rawValue) ?? .jsonInvalid }
}
