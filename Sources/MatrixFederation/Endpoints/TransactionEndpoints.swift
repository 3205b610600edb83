// SPDX-License-Identifier: Apache-2.0

// Transactions. Spec: "Transactions".

extension Endpoint {
    package static let send: Endpoint = .put(
        "send", "/_matrix/federation/v1/send/{txnId}", endpointClass: .send, .transaction, body: .transaction,
        upTo: largeBody, trailingSlash: true)

    static let transactionsSection: [Endpoint] = [.send]
}
