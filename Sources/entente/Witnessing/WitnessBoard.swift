// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Console
internal import Gateway
internal import Synchronization
internal import Transport

/// What became of the last round among the witnesses; read by the console.
final class WitnessBoard: Sendable {
    struct State: Sendable {
        /// Microseconds since 1970-01-01T00:00:00Z, by our clock.
        var cosignedAt: Int64?
        var size: UInt64 = 0
        var lost: String?
        var isSkewed = false
    }

    /// What is worth a record.
    enum Change: Equatable, Sendable {
        case lost(String)
        case back(UInt64)
        case skewed(Int64)
    }

    let settings: WitnessSettings
    /// By name; `nil`: in plain text.
    let contexts: [String: TLSClientContext]
    private let states = Mutex<[String: State]>([:])

    /// More than so many seconds between a witness's clock and ours are an alarm. AC-95.
    static let skewLimit: Int64 = 5

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

    func size(_ name: String) -> UInt64 { states.withLock { $0[name]?.size ?? 0 } }

    /// - Returns: what changed by it.
    func take(_ answer: WitnessClient.Answer, of name: String, size: UInt64, at now: Int64) -> [Change] {
        states.withLock { states in
            var state = states[name] ?? State()
            defer { states[name] = state }
            switch answer {
            case .failed(let reason):
                let isNew = state.lost == nil
                state.lost = reason
                return isNew ? [.lost(reason)] : []
            case .cosigned(_, let skew):
                var changes: [Change] = state.lost == nil ? [] : [.back(size)]
                let isSkewed = skew.magnitude > Self.skewLimit.magnitude
                if isSkewed, !state.isSkewed { changes.append(.skewed(skew)) }
                state = State(cosignedAt: now, size: size, lost: nil, isSkewed: isSkewed)
                return changes
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
