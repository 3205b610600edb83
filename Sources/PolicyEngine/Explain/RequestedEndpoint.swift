// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What a question is about, as people name it: a class of endpoints, an endpoint, or a request line.
package enum RequestedEndpoint: Sendable {
    case endpointClass(EndpointClass, endpoint: String?)
    /// The gateway refuses such a request whatever the policy says.
    case refused(ReasonCode, String)

    /// - Parameter line: method, space, raw target, for example `PUT /_matrix/federation/v1/send/1`.
    package init?(requestLine line: String) {
        guard let space = line.firstIndex(of: " "), space != line.startIndex else { return nil }
        let target: RequestTarget
        do throws(RequestTarget.Fault) {
            target = try RequestTarget(parsing: line[line.index(after: space)...].utf8.span)
        } catch {
            self = .refused(Self.reason(error), "the target, at byte \(error.offset)")
            return
        }
        switch Endpoints.match(method: line[..<space].utf8.span, target: target) {
        case .unknown: self = .refused(.endpointUnknown, "no endpoint has this path")
        case .methodNotAllowed: self = .refused(.endpointMethod, "the endpoint is not asked by this method")
        case .endpoint(let endpoint, _): self.init(endpoint)
        }
    }

    package init(_ endpoint: Endpoint) {
        if let endpointClass = endpoint.endpointClass {
            self = .endpointClass(endpointClass, endpoint: endpoint.id)
        } else {
            self = .refused(.endpointRefused, "no policy can grant the endpoint \(quoted(endpoint.id))")
        }
    }

    package static func reason(_ fault: RequestTarget.Fault) -> ReasonCode {
        switch fault.kind {
        case .pathNonCanonical: .pathNonCanonical
        case .pathEncoding: .pathEncoding
        case .queryAmbiguous: .queryAmbiguous
        }
    }
}

extension EDUKind {
    /// By the name in a policy (`typing`) or in the protocol (`m.typing`); what neither knows is an unknown kind.
    package static func named(_ name: String) -> EDUKind {
        switch name {
        case "typing", "m.typing": .typing
        case "receipts", "m.receipt": .receipts
        case "presence", "m.presence": .presence
        case "to_device", "m.direct_to_device": .toDevice
        case "device_lists", "m.device_list_update": .deviceLists
        case "signing_keys", "m.signing_key_update", "org.matrix.signing_key_update": .signingKeys
        default: .unknown(name)
        }
    }
}
