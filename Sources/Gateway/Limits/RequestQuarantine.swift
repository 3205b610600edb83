// SPDX-License-Identifier: Apache-2.0

package import Audit
package import MatrixFederation
internal import PolicyEngine
internal import Synchronization

/// Keeps the gateway from dying of one request again and again. AC-106.
///
/// While a request is read its hash stands in a slot that outlives the process. Those that the gateway died of twice are
/// refused before they are read.
package final class RequestQuarantine: Sendable {
    private let slots: ParsingSlots
    private let refused = Mutex<[Digest: Timestamp]>([:])
    private let hasSome = Atomic<Bool>(false)

    package init(_ slots: ParsingSlots) { self.slots = slots }

    /// Refuses these from now on, each until an instant, and no others.
    package func refuse(_ requests: [Digest: Timestamp]) {
        refused.withLock { refused in
            refused = requests
            hasSome.store(!requests.isEmpty, ordering: .releasing)
        }
    }

    func isRefused(_ request: Digest, now: Timestamp) -> Bool {
        guard hasSome.load(ordering: .acquiring) else { return false }
        return refused.withLock { $0[request].map { now < $0 } ?? false }
    }

    /// As `ParsingSlots` knows a request.
    package static func fingerprint(method: Span<UInt8>, target: Span<UInt8>, body: Digest?) -> Digest {
        ParsingSlots.fingerprint(method: method, target: target, body: body)
    }

    func hold(_ request: Digest, slot: Int) { slots.hold(request, slot: slot) }

    func release(slot: Int) { slots.release(slot: slot) }
}
