// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine
internal import Synchronization

/// What one server has used of its tier's limits, on all event loops together.
final class OriginAccount: Sendable {
    private struct State {
        /// By `LimitName.index`.
        var allowances = InlineArray<8, Allowance>(repeating: Allowance())
        /// Requests that were admitted and are not over.
        var underWay = 0
    }

    private let state = Mutex(State())

    /// Why something is too much.
    struct Excess {
        let reason: ReasonCode
        let rule: RuleReference?
        let nanoseconds: Int64
    }

    /// After what time who has too much under way may try again: nobody knows when it will be less.
    private static let tryAgain: Int64 = 1_000_000_000

    /// Lets a request begin, or says why not. Each one that began has to end with `leave`.
    ///
    /// - Parameters:
    ///   - bytes: of its body.
    ///   - isHistory: never refused, as a join must not stop half way; counted, so that the server's other requests pay for it, but
    ///     never more than one allowance beyond the one that is used up.
    func enter(_ limits: TierLimits, bytes: Int, isHistory: Bool, now: Int64) -> Excess? {
        state.withLock { state in
            if !isHistory, let excess = Self.refusal(&state, limits, now) { return excess }
            if isHistory, let requests = limits[.requests] {
                state.allowances[LimitName.requests.index].owe(1, of: requests.rate, now: now, atMost: 2)
            }
            if let limit = limits[.bytesIn] {
                state.allowances[LimitName.bytesIn.index].owe(Int64(bytes), of: limit.rate, now: now)
            }
            state.underWay += 1
            return nil
        }
    }

    private static func refusal(_ state: inout State, _ limits: TierLimits, _ now: Int64) -> Excess? {
        if let most = limits.concurrent, state.underWay >= most {
            return Excess(reason: .limitOrigin, rule: limits.concurrentRule, nanoseconds: tryAgain)
        }
        for name in [LimitName.bytesIn, .bytesOut] {
            guard let limit = limits[name] else { continue }
            if let wait = state.allowances[name.index].wait(of: limit.rate, now: now) {
                return Excess(reason: name.reason, rule: limit.rule, nanoseconds: wait)
            }
        }
        return take(1, .requests, limits, &state, now)
    }

    private static func take(
        _ amount: Int, _ name: LimitName, _ limits: TierLimits, _ state: inout State, _ now: Int64
    ) -> Excess? {
        guard let limit = limits[name] else { return nil }
        return state.allowances[name.index].take(Int64(amount), of: limit.rate, now: now).map {
            Excess(reason: name.reason, rule: limit.rule, nanoseconds: $0)
        }
    }

    /// Takes so much of one limit, or says why not.
    func take(_ amount: Int, of name: LimitName, _ limits: TierLimits, now: Int64) -> Excess? {
        guard amount > 0, limits[name] != nil else { return nil }
        return state.withLock { Self.take(amount, name, limits, &$0, now) }
    }

    /// Counts bytes of an answer.
    func answered(_ bytes: Int, _ limits: TierLimits, now: Int64) {
        guard let limit = limits[.bytesOut] else { return }
        state.withLock { $0.allowances[LimitName.bytesOut.index].owe(Int64(bytes), of: limit.rate, now: now) }
    }

    func leave() { state.withLock { $0.underWay -= 1 } }

    /// Whether it is as if the server had never asked.
    func isIdle(now: Int64) -> Bool {
        state.withLock { state in
            state.underWay == 0 && state.allowances.indices.allSatisfy { state.allowances[$0].isIdle(now: now) }
        }
    }
}
