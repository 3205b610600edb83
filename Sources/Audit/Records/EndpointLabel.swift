// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// An endpoint as a record names it: from the endpoint table, never from the request line.
///
/// Paths and queries of requests carry tokens and people's names; the template carries none.
package struct EndpointLabel: Sendable {
    /// Nil for endpoints that no policy can grant.
    package let endpointClass: EndpointClass?
    package let method: String
    package let pathTemplate: String

    /// - Parameter pathTemplate: as the specification writes it, `/_matrix/federation/v1/send/{txnId}`.
    package init(endpointClass: EndpointClass?, method: String, pathTemplate: String) {
        self.endpointClass = endpointClass
        self.method = method
        self.pathTemplate = pathTemplate
    }

    package init(_ endpoint: Endpoint) {
        self.init(
            endpointClass: endpoint.endpointClass, method: endpoint.method.rawValue,
            pathTemplate: endpoint.pathTemplate)
    }
}
