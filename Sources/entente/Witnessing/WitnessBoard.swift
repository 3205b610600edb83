// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Console
internal import Gateway
internal import PolicyEngine
internal import Synchronization
internal import Transport

/// What became of the last round among the witnesses; read by the console.
final class WitnessBoard: Sendable {
    let settings: WitnessSettings
    /// By name; `nil`: in plain text.
    let contexts: [String: TLSClientContext]
    /// What their clocks say of ours.
    let clockTrust = ClockTrust()
    /// Whether enough of those cosign whom the policy needs.
    private let quorum = Mutex(QuorumWatch())
    private let states = Mutex<[String: WitnessState]>([:])

    /// - Throws: a four-part message when authorities cannot be read.
    init(_ settings: WitnessSettings) throws {
        self.settings = settings
        var contexts: [String: TLSClientContext] = [:]
        for witness in settings.witnesses where witness.url.isTLS {
            contexts[witness.name] = try OriginKeys.tlsContext(
                witness.rootsFile, key: "audit.witnesses.\(witness.name).roots")
        }
        self.contexts = contexts
    }

    /// How many records a witness has seen.
    func known(_ name: String) -> UInt64 { states.withLock { $0[name]?.known ?? 0 } }

    /// - Parameters:
    ///   - size: of what it was asked to cosign.
    ///   - now: microseconds since 1970-01-01T00:00:00Z.
    /// - Returns: what changed by it.
    func take(
        _ answer: WitnessClient.Answer, of name: String, size: UInt64, at now: Int64
    ) -> [WitnessState.Change] {
        states.withLock { states in
            var state = states[name] ?? WitnessState()
            defer { states[name] = state }
            switch answer {
            case .failed(let reason): return state.failed(reason)
            case .postponed(let known):
                state.postponed(known: known)
                return []
            case .cosigned(_, let skew): return state.cosigned(size: size, skew: skew, at: now)
            }
        }
    }

    /// Looks at what they said last of our clock.
    ///
    /// - Returns: by how many seconds it differs at most, when it is trusted no more; `.some(nil)`: it is trusted again.
    func judgeClock() -> Int64?? {
        let skews = states.withLock { $0.values.compactMap(\.skew) }
        let isDoubtful = ClockTrust.isDoubtful(skews)
        guard clockTrust.set(isDoubtful) else { return nil }
        return .some(isDoubtful ? skews.max { $0.magnitude < $1.magnitude } : nil)
    }

    /// How many of those that the policy names cosigned when they were asked last.
    func count(of names: [String]) -> Int {
        states.withLock { states in names.count { states[$0].map { $0.lost == nil && $0.cosignedAt != nil } ?? false } }
    }

    /// - Parameter now: seconds since some moment, never back.
    func look(at terms: AuditTerms.Witnesses?, now: Int64) -> QuorumWatch.Change? {
        let have = count(of: terms?.names ?? [])
        return quorum.withLock { $0.look(have: have, need: terms?.need ?? 0, now: now) }
    }

    /// For the console.
    func quorumStatus(of terms: AuditTerms.Witnesses?) -> GatewayStatus.QuorumStatus? {
        guard let terms else { return nil }
        return GatewayStatus.QuorumStatus(
            have: count(of: terms.names), need: terms.need, isMissing: quorum.withLock { $0.isMissing },
            isClockDoubtful: clockTrust.isDoubtful)
    }

    var status: [GatewayStatus.WitnessStatus] {
        let states = states.withLock { $0 }
        return settings.witnesses.map { witness in
            let state = states[witness.name]
            return GatewayStatus.WitnessStatus(
                name: witness.name, cosignedAt: state?.cosignedAt, size: state?.size ?? 0, lost: state?.lost)
        }
    }
}
