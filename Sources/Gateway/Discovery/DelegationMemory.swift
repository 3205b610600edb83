// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Remembers under which name each server is reached, so that a change does not pass unnoticed. Bounded.
package struct DelegationMemory: Sendable {
    package enum Observation: Hashable, Sendable {
        case unchanged
        /// Seen for the first time, or known so for long enough.
        case first
        /// Report it; use it unless `heldUntil` lies ahead.
        case changed(old: String, heldUntil: Timestamp)
        /// Reported before, and still resting.
        case held(old: String, until: Timestamp)
    }

    private struct Place {
        var name: String
        var candidate: (name: String, heldUntil: Timestamp)?
        var lastSeen: Timestamp
    }

    private var places: [ServerName: Place] = [:]
    private let capacity: Int
    private let hold: Int64

    /// - Parameter hold: milliseconds that a new place rests before it is used; 0 uses it at once.
    package init(capacity: Int = 4_096, hold: Int64 = 0) {
        self.capacity = max(capacity, 1)
        self.hold = max(hold, 0)
    }

    package var count: Int { places.count }

    package mutating func observe(_ server: ServerName, at name: String, now: Timestamp) -> Observation {
        guard var place = places[server] else {
            makeRoom()
            places[server] = Place(name: name, candidate: nil, lastSeen: now)
            return .first
        }
        place.lastSeen = now
        defer { places[server] = place }
        if place.name == name {
            place.candidate = nil
            return .unchanged
        }
        let old = place.name
        if let candidate = place.candidate, candidate.name == name {
            if now < candidate.heldUntil { return .held(old: old, until: candidate.heldUntil) }
            place.name = name
            place.candidate = nil
            return .unchanged
        }
        let until = now.advanced(byMilliseconds: hold)
        if hold > 0 {
            place.candidate = (name, until)
        } else {
            place.name = name
        }
        return .changed(old: old, heldUntil: until)
    }

    private mutating func makeRoom() {
        guard places.count >= capacity else { return }
        if let oldest = places.min(by: { $0.value.lastSeen < $1.value.lastSeen }) { places[oldest.key] = nil }
    }
}
