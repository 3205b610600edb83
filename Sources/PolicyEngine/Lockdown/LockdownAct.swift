// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What officers sign to put a prepared lockdown in force on one node, or to end it. As a file:
///
///     entente lockdown act 1
///     node fr-1
///     do on
///     profile sever_state
///     argument RU
///     number 7
///     for 43200
///     hand-in-before 2026-11-22T03:04:05Z
///     officer officer-a ed25519 SIGNATURE
///
/// `off` has `lifts 7` instead of `number` and `for`. Signed is everything before the first `officer`, byte for byte.
///
/// It cannot be used twice, and needs no memory of what was used: `on` carries the number of the node's next act, `off` that
/// of the lockdown which it ends.
package struct LockdownAct: SignedAct {
    package static let maxBytes = 8 << 10
    /// For how long a new act can be handed in.
    package static let usualTerm = Duration.seconds(86_400)
    /// Nobody signs for longer: who has the file decides when it takes effect.
    package static let longestTerm = Duration.seconds(7 * 86_400)
    /// What a `max` may be at most, for readers of numbers. Ten years.
    static let longest: Int64 = 315_360_000

    package enum Change: Hashable, Sendable {
        /// - Parameters:
        ///   - number: of the node's next act.
        ///   - seconds: how long it lasts from the moment in which the node takes it.
        case on(number: Int64, seconds: Int64)
        /// - Parameter lifts: the number of the act that put it in force.
        case off(lifts: Int64)

        package var word: String {
            switch self {
            case .on: "on"
            case .off: "off"
            }
        }
    }

    package let node: String
    package let lockdown: LockdownInForce
    package let change: Change
    /// The first instant at which it is worthless. Whole seconds.
    package let handInBefore: Timestamp
    package var signatures: [OfficerSignature] = []

    package init(node: String, _ lockdown: LockdownInForce, _ change: Change, handInBefore: Timestamp) {
        self.node = node
        self.lockdown = lockdown
        self.change = change
        self.handInBefore = handInBefore.wholeSeconds
    }

    /// What officers sign.
    package var message: [UInt8] {
        let change =
            switch change {
            case .on(let number, let seconds): "number \(number)\nfor \(seconds)\n"
            case .off(let lifts): "lifts \(lifts)\n"
            }
        return Array(
            ("entente lockdown act 1\nnode \(node)\ndo \(self.change.word)\nprofile \(lockdown.profile)\n"
                + "argument \(lockdown.argumentWord)\n\(change)hand-in-before \(StrictDate.text(handInBefore))\n").utf8)
    }
}

extension LockdownInForce {
    /// `RU`, or `none`.
    package var argumentWord: String { state?.text ?? "none" }

    /// `sever_state RU`, for people.
    package var text: String { profile + (state.map { " \($0.text)" } ?? "") }
}

extension Timestamp {
    /// Cut to seconds: files and people have no more.
    var wholeSeconds: Timestamp {
        let seconds = milliseconds / 1000
        return Timestamp(milliseconds: (milliseconds < 0 ? 0 : seconds) * 1000)
    }

    func advanced(bySeconds seconds: Int64) -> Timestamp {
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return advanced(byMilliseconds: overflow ? .max : milliseconds)
    }
}
