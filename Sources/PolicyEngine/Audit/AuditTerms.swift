// SPDX-License-Identifier: Apache-2.0

/// `audit` of a policy: what must become of the records, for whoever keeps the log. A value that changes no verdict.
package struct AuditTerms: Hashable, Sendable {
    /// Witnesses who must have cosigned a checkpoint before it counts: `need` of `names`.
    package struct Witnesses: Hashable, Sendable {
        package let need: Int
        /// Sorted.
        package let names: [String]
    }

    /// What records are about, for how long they are kept.
    package enum RecordClass: String, CaseIterable, Hashable, Sendable {
        case allow
        case refuse
        /// Policies, lockdowns, keys, administration.
        case admin
    }

    /// What happens to traffic when no record can be written, or a sink has lost records.
    package enum OnLoss: String, CaseIterable, Hashable, Sendable {
        case refuse
        /// Traffic among servers of the own state goes on.
        case refuseExceptOwn = "refuse_except_own"
        /// Traffic goes on: only for sinks, the log itself has everything.
        case goOn = "continue"

        var width: Int {
            switch self {
            case .refuse: 0
            case .refuseExceptOwn: 1
            case .goOn: 2
            }
        }
    }

    /// How old the last signed checkpoint may be; `nil`: as the log does it.
    package var checkpoint: Duration?
    package var witnesses: Witnesses?
    /// Who can open what records hold sealed; sorted.
    package var sealTo: [SealRecipient] = []
    /// How long what is personal in them can be read. Without an entry: for ever.
    package var retention: [RecordClass: Duration] = [:]
    /// Sorted.
    package var sinks: [AuditSink] = []
    package var onLogFailure = OnLoss.refuse
    package var onSinkLoss = OnLoss.goOn

    package init() {}

    /// One line for each thing that is written, sorted where order means nothing.
    var canonical: [String] {
        var lines: [String] = []
        if let checkpoint { lines.append("audit log.checkpoint \(checkpoint.milliseconds)") }
        if let witnesses {
            lines.append("audit log.witnesses \(witnesses.need) \(witnesses.names.joined(separator: ","))")
        }
        if !sealTo.isEmpty { lines.append("audit seal_to \(sealTo.map(\.text).joined(separator: ","))") }
        for name in RecordClass.allCases {
            if let length = retention[name] { lines.append("audit retention.\(name.rawValue) \(length.milliseconds)") }
        }
        lines += sinks.map { "audit sink \($0.canonical)" }
        if onLogFailure != .refuse { lines.append("audit on_log_failure \(onLogFailure.rawValue)") }
        if onSinkLoss != .goOn { lines.append("audit on_sink_loss \(onSinkLoss.rawValue)") }
        return lines
    }
}

extension Duration {
    /// Whole ones.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

extension Policy {
    /// What the policy wants of the audit log; nothing beyond the defaults where it says nothing.
    package var audit: AuditTerms { compiled.audit.terms }
}
