// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import Synchronization

/// The accounts of all servers that have proved who they are and whose tiers limit them. Shared by all event loops.
///
/// Servers that the policy lists by name have accounts of their own, as many as it lists. Names that only a pattern or
/// `assign.unknown` lets in can be made up by whoever has the domain: there are at most `maxOthers` accounts for them, and when
/// these are in use all further names of a tier share one. An account goes only when it says nothing, so that nobody is
/// rid of what he has used by making others push it out.
final class OriginLimits: Sendable {
    static let maxOthers = 8192

    private struct Accounts {
        var named: [ServerName: OriginAccount] = [:]
        var others: [ServerName: OriginAccount] = [:]
        /// By tier.
        var shared: [String: OriginAccount] = [:]
        /// Named accounts of former policies go when there are that many.
        var sweepAt = 1024
        var nextSweep: Int64 = 0
    }

    private let accounts = Mutex(Accounts())
    /// Walking all accounts is rare even if somebody wants it often. Nanoseconds.
    private static let betweenSweeps: Int64 = 1_000_000_000

    /// - Parameters:
    ///   - isListed: whether the policy lists the server by name; asked once for each account.
    func account(of server: ServerName, tier: String, now: Int64, isListed: () -> Bool) -> OriginAccount {
        accounts.withLock { accounts in
            if let account = accounts.named[server] { return account }
            if let account = accounts.others[server] { return account }
            let account = OriginAccount()
            if isListed() {
                if accounts.named.count >= accounts.sweepAt {
                    accounts.named = accounts.named.filter { !$0.value.isIdle(now: now) }
                    accounts.sweepAt = max(1024, accounts.named.count * 2)
                }
                accounts.named[server] = account
                return account
            }
            if accounts.others.count >= Self.maxOthers, now >= accounts.nextSweep {
                accounts.nextSweep = now + Self.betweenSweeps
                accounts.others = accounts.others.filter { !$0.value.isIdle(now: now) }
            }
            guard accounts.others.count < Self.maxOthers else {
                let shared = accounts.shared[tier] ?? account
                accounts.shared[tier] = shared
                return shared
            }
            accounts.others[server] = account
            return account
        }
    }

    /// How many accounts there are.
    var count: Int { accounts.withLock { $0.named.count + $0.others.count + $0.shared.count } }
}
