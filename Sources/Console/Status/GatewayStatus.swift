// SPDX-License-Identifier: Apache-2.0

package import Audit
internal import PolicyEngine

/// What the console shows of a gateway: a value that the gateway fills, so that the console knows nothing of it.
package struct GatewayStatus: Sendable {
    package var node: String
    package var build: String
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var startedAt: Int64
    package var now: Int64
    package var policy: PolicyStatus?
    package var lockdowns: [LockdownStatus] = []
    package var audit = AuditStatus()
    package var sinks: [SinkForwarder.Status] = []
    package var witnesses: [WitnessStatus] = []
    /// Of the policy's witnesses; `nil`: it needs none.
    package var quorum: QuorumStatus?
    package var listeners: [Listener] = []
    package var isDraining = false
    package var decisions: [DecisionCount] = []
    /// The latest first; written by the gateway, never by a peer.
    package var errors: [ErrorNote] = []

    package init(node: String, build: String, startedAt: Int64, now: Int64) {
        self.node = node
        self.build = build
        self.startedAt = startedAt
        self.now = now
    }

    package struct PolicyStatus: Sendable {
        package var id: String
        package var serial: Int64
        /// 64 hexadecimal digits.
        package var sha256: String
        package var mode: String
        package var activatedAt: Int64
        /// Why the file that is there now was not taken.
        package var rejected: String?

        package init(
            id: String, serial: Int64, sha256: String, mode: String, activatedAt: Int64, rejected: String? = nil
        ) {
            self.id = id
            self.serial = serial
            self.sha256 = sha256
            self.mode = mode
            self.activatedAt = activatedAt
            self.rejected = rejected
        }
    }

    /// A lockdown in force.
    package struct LockdownStatus: Sendable {
        /// Of the policy's profile.
        package var name: String
        /// The state that it was told.
        package var argument: String?
        /// Microseconds since 1970-01-01T00:00:00Z.
        package var since: Int64
        package var until: Int64

        package init(name: String, argument: String?, since: Int64, until: Int64) {
            self.name = name
            self.argument = argument
            self.since = since
            self.until = until
        }
    }

    /// Somebody who cosigns checkpoints of the log.
    package struct WitnessStatus: Sendable {
        package var name: String
        /// When it last cosigned; microseconds since 1970-01-01T00:00:00Z. `nil`: not since the start.
        package var cosignedAt: Int64?
        /// How many records it cosigned then.
        package var size: UInt64
        /// Why it does not now.
        package var lost: String?

        package init(name: String, cosignedAt: Int64?, size: UInt64, lost: String?) {
            self.name = name
            self.cosignedAt = cosignedAt
            self.size = size
            self.lost = lost
        }
    }

    /// How many witnesses cosign, and how many the policy needs.
    package struct QuorumStatus: Sendable {
        package var have: Int
        package var need: Int
        /// Too few for longer than a while.
        package var isMissing: Bool
        /// Their clocks and ours differ so much that no key with an end counts.
        package var isClockDoubtful: Bool

        package init(have: Int, need: Int, isMissing: Bool, isClockDoubtful: Bool) {
            self.have = have
            self.need = need
            self.isMissing = isMissing
            self.isClockDoubtful = isClockDoubtful
        }
    }

    package struct Listener: Sendable {
        package var name: String
        package var address: String
        package var connections: Int

        package init(name: String, address: String, connections: Int) {
            self.name = name
            self.address = address
            self.connections = connections
        }
    }

    /// Decisions since the start, of one direction, state and class. States are the policy's names, not a peer's.
    package struct DecisionCount: Sendable {
        package var direction: String
        package var state: String
        package var endpointClass: String
        package var passed: UInt64
        package var refused: UInt64

        package init(direction: String, state: String, endpointClass: String, passed: UInt64, refused: UInt64) {
            self.direction = direction
            self.state = state
            self.endpointClass = endpointClass
            self.passed = passed
            self.refused = refused
        }
    }

    package struct ErrorNote: Sendable {
        package var time: Int64
        package var text: String

        package init(time: Int64, text: String) {
            self.time = time
            self.text = text
        }
    }
}

/// Where the console asks how the gateway is. Called on an event loop: answers at once.
package protocol StatusSource: Sendable {
    func status() -> GatewayStatus
}
