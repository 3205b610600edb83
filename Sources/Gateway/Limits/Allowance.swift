// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// How much of one limit one server has used. A value without a clock.
///
/// Kept as the one instant at which nothing of it is used any more (the "generic cell rate algorithm" of ITU-T I.371, in the
/// form of a virtual schedule). `60/min` is sixty at once, and one more for each second that has passed: in any span no more
/// than the rate gives in that time and one whole allowance.
struct Allowance {
    /// Nanoseconds of the monotonic clock.
    private var idleAt: Int64 = 0
    /// The rate that `idleAt` was counted by.
    private var rate: Rate?

    /// No single cost is longer: some 36 years.
    private static let longest: Int64 = 1 << 60

    func isIdle(now: Int64) -> Bool { idleAt <= now }

    /// Takes so much, all or nothing.
    ///
    /// What is more than a whole allowance passes while none of it is used: otherwise it never would. It is paid back like all else.
    /// - Returns: nanoseconds to wait for, if it was not taken.
    mutating func take(_ amount: Int64, of rate: Rate, now: Int64) -> Int64? {
        let start = begin(rate, now)
        let end = start + Self.cost(amount, rate)
        let latest = now + Self.whole(rate)
        guard end <= latest || start == now else { return min(end - latest, start - now) }
        idleAt = end
        return nil
    }

    /// Nanoseconds to wait for until something of it is left; `nil`: now.
    mutating func wait(of rate: Rate, now: Int64) -> Int64? {
        let over = begin(rate, now) - now - Self.whole(rate)
        return over < 0 ? nil : over + 1
    }

    /// Counts what has passed and could not be refused.
    ///
    /// - Parameter most: the most whole allowances that may be owed afterwards; what is more is forgiven.
    mutating func owe(_ amount: Int64, of rate: Rate, now: Int64, atMost most: Int64? = nil) {
        idleAt = begin(rate, now) + Self.cost(amount, rate)
        if let most { idleAt = min(idleAt, now + Self.whole(rate) * most) }
    }

    private mutating func begin(_ rate: Rate, _ now: Int64) -> Int64 {
        if self.rate != rate {
            // Another policy: what was used under a longer period is not held against the shorter one, beyond one allowance.
            if self.rate != nil { idleAt = min(idleAt, now + Self.whole(rate)) }
            self.rate = rate
        }
        idleAt = min(idleAt, now + Self.longest)
        return max(idleAt, now)
    }

    private static func whole(_ rate: Rate) -> Int64 { rate.period * 1_000_000_000 }

    /// Rounded up: never more passes than the rate says.
    private static func cost(_ amount: Int64, _ rate: Rate) -> Int64 {
        let (small, isLarge) = max(amount, 0).multipliedReportingOverflow(by: whole(rate))
        if !isLarge {
            let (quotient, remainder) = small.quotientAndRemainder(dividingBy: rate.count)
            return min(quotient, longest) + (remainder > 0 ? 1 : 0)
        }
        let product = max(amount, 0).multipliedFullWidth(by: whole(rate))
        guard product.high < rate.count else { return longest }
        let (quotient, remainder) = rate.count.dividingFullWidth(product)
        return min(quotient, longest) + (remainder > 0 ? 1 : 0)
    }
}
