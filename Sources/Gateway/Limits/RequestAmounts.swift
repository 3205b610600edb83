// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// How much a request takes of the limits that count more than requests; at most one of them.
struct RequestAmount {
    let name: LimitName
    let amount: Int

    /// - Parameter document: the body.
    init?(_ endpoint: Endpoint, _ facts: DecidedRequest.Facts, in document: JSONDocument?) {
        switch endpoint.subject {
        case .profile: self.init(name: .profiles, amount: 1)
        case .accounts:
            guard case .request(let facts) = facts else { return nil }
            self.init(name: .profiles, amount: facts.targetCount)
        case .usersOf(.oneTimeKeys):
            guard let document else { return nil }
            self.init(name: .keysClaim, amount: Self.claimedKeys(in: document))
        case .transaction:
            guard case .transaction(let transaction, _) = facts else { return nil }
            self.init(name: .toDevice, amount: transaction.edus.count { $0.kind == .toDevice })
        case .membershipEvent(.invite), .exchangeThirdPartyInvite: self.init(name: .invites, amount: 1)
        default:
            guard endpoint.endpointClass == .directory else { return nil }
            self.init(name: .directory, amount: 1)
        }
    }

    private init(name: LimitName, amount: Int) {
        self.name = name
        self.amount = amount
    }

    /// One for each device that is named, as a claim gets one key of each.
    private static func claimedKeys(in document: JSONDocument) -> Int {
        let member: StaticString = "one_time_keys"
        guard let users = document.member(member, of: document.root) else { return 0 }
        return document.members(of: users).reduce(0) { $0 + max(document.count($1.value), 1) }
    }
}
