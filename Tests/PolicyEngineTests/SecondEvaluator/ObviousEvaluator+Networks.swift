// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine

/// Where servers are, and what is said of rooms and files of which nothing is known.
extension ObviousEvaluator {
    /// Ours are where `networks` names them, any other server where its tier is.
    func isOnClosedNetwork(_ server: String) -> Bool {
        guard let closed = policy.closed else { return false }
        return policy.own.contains(server) ? closed.servers.contains(server) : tierName(of: server) == "two"
    }

    /// One of ours and a server that share no network never speak. A lockdown that leaves a server nothing comes first.
    func network(_ question: Question) -> Ruling? {
        guard let own = question.own, isOnClosedNetwork(own) != isOnClosedNetwork(question.peer) else { return nil }
        return .refused(isShutOut(question.peer) ? .lockdown : .networkMismatch)
    }

    /// Whether a lockdown leaves a server nothing at all. Ours are let in, and then refused request by request.
    func isShutOut(_ server: String) -> Bool {
        !policy.own.contains(server) && lockdowns(on: server).contains { $0.refuse == nil }
    }

    /// An event comes over the network of its author, unless that network says otherwise.
    func authorsNetwork(_ author: String, broughtBy peer: String) -> Ruling? {
        let isClosed = isOnClosedNetwork(author)
        guard author != peer, isClosed != isOnClosedNetwork(peer) else { return nil }
        return isClosed && policy.closed?.isRelayedOverInternet == true ? nil : .refused(.networkAuthor)
    }

    /// Rooms are asked about by the tier of who delivers and by that of an event's author.
    func room(of servers: [String]) -> Ruling? {
        servers.contains { answerToUnknown(of: $0, \.rooms) == "refuse" } ? .refused(.roomUnknown) : nil
    }

    /// Files that are fetched from us.
    func file(_ question: Question) -> Ruling? {
        guard question.endpointClass == .media, question.direction == .inbound else { return nil }
        return answerToUnknown(of: question.peer, \.media) == "refuse" ? .refused(.mediaUnknown) : nil
    }

    /// `nil`: the tier asks nothing. Each key is inherited by itself, and without an answer it is refused.
    private func answerToUnknown(
        of server: String, _ section: KeyPath<RandomPolicy.Tier, RandomPolicy.Condition?>
    ) -> String? {
        guard let tier = tier(tierName(of: server)) else { return nil }
        let written = [tier, tier.like.flatMap { self.tier($0) }].compactMap { $0?[keyPath: section] }
        guard !written.isEmpty else { return nil }
        return written.compactMap(\.unknown).first ?? "refuse"
    }
}
