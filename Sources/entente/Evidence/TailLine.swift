// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import AuditIndex
internal import PolicyEngine

/// One record in one line, for people.
enum TailLine {
    static func text(_ bytes: [UInt8], _ sequence: UInt64) -> String {
        guard let record = IndexedRecord(bytes) else { return "\(sequence)  this is no record" }
        var parts = [String(sequence), RecordTime.text(microseconds: record.time)]
        if record.kind == "request" {
            parts.append(record.decision ?? "?")
            parts.append(record.direction ?? "")
            let origin = record.origin.map { record.isProved ? $0 : $0 + "?" } ?? "somebody"
            parts.append(
                "\(origin)\(state(record.originState)) → \(record.destination ?? "–")\(state(record.destinationState))")
            parts.append(record.endpointClass ?? record.path ?? "")
        } else {
            parts.append(record.kind)
            if record.decidedBy > 0 { parts.append("of \(record.decidedBy)") }
        }
        if let reason = record.reason { parts.append(reason) }
        if let rule = record.rule { parts.append("by \(rule)") }
        if record.eventsIn > 0 { parts.append("events \(record.eventsPassed)/\(record.eventsIn)") }
        return parts.filter { !$0.isEmpty }.map { visible($0) }.joined(separator: "  ")
    }

    private static func state(_ state: String?) -> String { state.map { " (\($0))" } ?? "" }

    /// A record whose writer did not escape it, or that is none: nothing of it commands a terminal.
    static func safe(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            if scalar.isHidden || scalar.value < 0x20 {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
