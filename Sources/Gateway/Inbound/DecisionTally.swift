// SPDX-License-Identifier: Apache-2.0

internal import Audit
package import MatrixFederation
internal import PolicyEngine
internal import Synchronization

/// Decisions since the start, by state and class, for the console. Bounded: both are words of ours, none a peer's.
package final class DecisionTally: Sendable {
    package struct Key: Hashable, Sendable {
        /// The state of an admitted server; `nil` for everybody else.
        package let state: String?
        /// `nil` where the request ended before its endpoint was known.
        package let endpointClass: EndpointClass?
    }

    package struct Count: Sendable {
        package var passed: UInt64 = 0
        package var refused: UInt64 = 0
    }

    private let counts = Mutex<[Key: Count]>([:])

    init() {}

    func count(_ decision: AuditRecord.Decision, _ trail: InboundTrail) {
        let key = Key(state: trail.peer?.state, endpointClass: trail.received?.endpoint.endpointClass)
        counts.withLock { counts in
            if decision.passes {
                counts[key, default: Count()].passed += 1
            } else {
                counts[key, default: Count()].refused += 1
            }
        }
    }

    package var snapshot: [Key: Count] { counts.withLock { $0 } }
}
