// SPDX-License-Identifier: Apache-2.0

// Policy servers. Spec: "Policy Servers".

extension Endpoint {
    package static let policySign: Endpoint = .post(
        "policy_sign", "/_matrix/policy/v1/sign", endpointClass: .policyServer, .policyServer, body: .event,
        upTo: mediumBody)
    package static let policySignUnstable: Endpoint = .post(
        "policy_sign_unstable", "/_matrix/policy/unstable/org.matrix.msc4284/sign", endpointClass: .policyServer,
        .policyServer, body: .event, upTo: mediumBody)

    static let policyServersSection: [Endpoint] = [.policySign, .policySignUnstable]
}
