// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Decides until when a peer may take for what it is doing now (AC-32). A machine: no timer inside.
package struct HTTPServerClock {
    package enum Phase: Hashable, Sendable {
        /// Connected, nothing received.
        case fresh
        case idle
        case head
        case body
        /// The request is complete: the service's time, not the peer's.
        case service
        /// The last answer is being made or written.
        case ending
        /// The last answer has been written; the peer may read it.
        case closing
    }

    package enum Verdict: Hashable, Sendable {
        case wait(until: NIODeadline)
        case refuse(HTTPRefusal)
        case close
    }

    private let limits: HTTPServerLimits
    package private(set) var phase = Phase.fresh
    private var phaseStart: NIODeadline
    private var requestStart: NIODeadline
    private var bodyBytes = 0
    private var stalledSince: NIODeadline?

    package init(_ limits: HTTPServerLimits, now: NIODeadline) {
        self.limits = limits
        phaseStart = now
        requestStart = now
    }

    package mutating func enter(_ new: Phase, now: NIODeadline) {
        // A connection that closes does nothing else any more.
        guard new != phase, phase != .closing else { return }
        if new == .head || (new == .body && phase != .head) { requestStart = now }
        if new == .body { bodyBytes = 0 }
        phase = new
        phaseStart = now
    }

    package mutating func bodyArrived(_ bytes: Int) { bodyBytes += bytes }

    package mutating func writable(_ isWritable: Bool, now: NIODeadline) {
        stalledSince = isWritable ? nil : (stalledSince ?? now)
    }

    /// The earliest time at which something may be overdue.
    package var deadline: NIODeadline {
        let phaseEnd: NIODeadline =
            switch phase {
            case .fresh, .head: phaseStart + limits.headTime
            case .idle: phaseStart + limits.idleTime
            case .body: min(bodyDue, requestStart + limits.requestTime)
            case .service: .distantFuture
            case .ending: phaseStart + limits.writeStall
            case .closing: phaseStart + limits.lingerTime
            }
        guard let stalledSince else { return phaseEnd }
        return min(phaseEnd, stalledSince + limits.writeStall)
    }

    package func check(now: NIODeadline) -> Verdict {
        if let stalledSince, now >= stalledSince + limits.writeStall { return .refuse(.slowReader) }
        guard now >= deadline else { return .wait(until: deadline) }
        switch phase {
        case .fresh, .idle, .ending, .closing, .service: return .close
        case .head: return .refuse(.slowHead)
        case .body: return .refuse(now >= requestStart + limits.requestTime ? .slowRequest : .slowBody)
        }
    }

    /// When the bytes received so far stop being enough.
    private var bodyDue: NIODeadline {
        let perSecond = max(1, limits.bodyBytesPerSecond)
        let earned =
            Int64(bodyBytes / perSecond) * 1_000_000_000
            + Int64(bodyBytes % perSecond) * 1_000_000_000 / Int64(perSecond)
        return phaseStart + limits.bodyGrace + .nanoseconds(earned)
    }
}
