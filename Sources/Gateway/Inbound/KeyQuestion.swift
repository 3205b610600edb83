// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// Asks for the keys of one request's origin: those that the policy pins, and else those of the key ring.
///
/// Pins are read from the request's own policy, so that a reload never mixes two (AC-96).
struct KeyQuestion {
    let origin: ServerName
    let now: Timestamp
    private let pins: [KeyID: PinnedKey]?
    private let keyRing: KeyRing

    init(_ origin: ServerName, _ policy: Policy, _ keyRing: KeyRing, now: Timestamp) {
        self.origin = origin
        self.now = now
        self.keyRing = keyRing
        pins = policy.pinnedKeys(of: origin)
    }

    /// Whether a fetch may make one of these keys known.
    func needsFetch(_ credentials: XMatrixCredentials) -> Bool {
        guard pins == nil else { return false }
        if keyRing.lookupFetched(origin, credentials.first.key, now: now) == .mustFetch { return true }
        return credentials.others.contains { keyRing.lookupFetched(origin, $0.key, now: now) == .mustFetch }
    }

    /// Whether the time decides if one of these keys counts: fetched keys run out, and pins may.
    func dependsOnClock(_ credentials: XMatrixCredentials) -> Bool {
        guard let pins else { return true }
        func ends(_ id: KeyID) -> Bool { pins[id].map { $0.notAfter != nil } ?? false }
        return ends(credentials.first.key) || credentials.others.contains { ends($0.key) }
    }

    /// What is known of the key, without fetching.
    func answer(_ id: KeyID) -> RequestKey {
        if let pins {
            guard let pin = pins[id] else { return .unknown }
            return pin.isValid(at: now) ? .valid(pin.key) : .expired(since: pin.notAfter ?? now)
        }
        return keyRing.lookupFetched(origin, id, now: now).settled
    }
}
