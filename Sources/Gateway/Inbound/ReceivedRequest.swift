// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// Stages *read* and *classify*: a request for a homeserver of ours, to an endpoint that exists.
///
/// The stages are immutable classes, so that each can hold the one before it for the price of a reference.
final class ReceivedRequest {
    let head: HTTPRequestHead
    let target: RequestTarget
    let endpoint: Endpoint
    let parameters: PathParameters
    /// Index of the homeserver that `Host` and the TLS server name mean.
    let homeserver: Int

    /// - Parameter serverName: the name of the TLS handshake; `nil` without one.
    init(_ head: HTTPRequestHead, serverName: String?, _ names: ServedNames) throws(Refusal) {
        let bytes = head.bytes.span
        guard let homeserver = names.homeserver(host: bytes.extracting(head.host), serverName: serverName) else {
            throw Refusal(421, "M_UNKNOWN", .tlsServerNameMismatch)
        }
        let target: RequestTarget
        do throws(RequestTarget.Fault) {
            target = try RequestTarget(parsing: bytes.extracting(head.target))
        } catch {
            throw Refusal(400, "M_INVALID_PARAM", ReasonCode(error.kind))
        }
        switch Endpoints.match(method: bytes.extracting(head.methodRange), target: target) {
        case .unknown: throw Refusal(404, "M_UNRECOGNIZED", .endpointUnknown)
        case .methodNotAllowed: throw Refusal(405, "M_UNRECOGNIZED", .endpointMethod)
        case .endpoint(let endpoint, let parameters):
            self.endpoint = endpoint
            self.parameters = parameters
        }
        if endpoint.requestBody != .none, !head.hasJSONContentType {
            throw Refusal(415, "M_UNKNOWN", .httpContentType)
        }
        self.head = head
        self.target = target
        self.homeserver = homeserver
    }
}

extension ReasonCode {
    init(_ kind: RequestTarget.Fault.Kind) {
        switch kind {
        case .pathNonCanonical: self = .pathNonCanonical
        case .pathEncoding: self = .pathEncoding
        case .queryAmbiguous: self = .queryAmbiguous
        }
    }
}
