// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Console
internal import Gateway
internal import Synchronization
internal import Transport

/// What became of the last round among the witnesses; read by the console.
final class WitnessBoard: Sendable {
    let settings: WitnessSettings
    /// By name; `nil`: in plain text.
    let contexts: [String: TLSClientContext]
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

    var status: [GatewayStatus.WitnessStatus] {
        let states = states.withLock { $0 }
        return settings.witnesses.map { witness in
            let state = states[witness.name]
            return GatewayStatus.WitnessStatus(
                name: witness.name, cosignedAt: state?.cosignedAt, size: state?.size ?? 0, lost: state?.lost)
        }
    }
}
