// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import AuditIndex

extension FoundRow {
    static let heads = ["record", "time", "from", "to", "class", "decision", "reason", "rule", "events"]

    /// For people.
    var cells: [String] {
        [
            String(sequence), RecordTime.text(microseconds: time), Self.party(origin, originState, isProved),
            Self.party(destination, destinationState, true), endpointClass ?? path ?? kind ?? "", decision ?? "",
            reason ?? "", rule ?? "",
            eventsIn + eventsPassed + eventsRefused > 0 ? "\(eventsPassed)/\(eventsIn)" : "",
        ]
    }

    private static func party(_ server: String?, _ state: String?, _ isProved: Bool) -> String {
        guard let server else { return "" }
        return (isProved ? server : server + "?") + (state.map { " (\($0))" } ?? "")
    }

    /// Everything, for programs.
    private static let columns: [(name: String, value: @Sendable (FoundRow) -> JSONValue)] = [
        ("seq", { .number(Int($0.sequence)) }),
        ("time", { .text(RecordTime.text(microseconds: $0.time)) }),
        ("kind", { .optional($0.kind) }),
        ("direction", { .optional($0.direction) }),
        ("decision", { .optional($0.decision) }),
        ("reason_code", { .optional($0.reason) }),
        ("rule_id", { .optional($0.rule) }),
        ("origin", { .optional($0.origin) }),
        ("origin_authenticated", { .truth($0.isProved) }),
        ("origin_state", { .optional($0.originState) }),
        ("origin_tier", { .optional($0.originTier) }),
        ("destination", { .optional($0.destination) }),
        ("destination_state", { .optional($0.destinationState) }),
        ("destination_tier", { .optional($0.destinationTier) }),
        ("endpoint_class", { .optional($0.endpointClass) }),
        ("method", { .optional($0.method) }),
        ("path_template", { .optional($0.path) }),
        ("network", { .optional($0.network) }),
        ("room", { .optional($0.room) }),
        ("events_in", { .number(Int($0.eventsIn)) }),
        ("events_forwarded", { .number(Int($0.eventsPassed)) }),
        ("events_refused", { .number(Int($0.eventsRefused)) }),
        ("of_seq", { $0.decidedBy > 0 ? .number(Int($0.decidedBy)) : .nothing }),
    ]

    static var csvHeads: [String] { columns.map(\.name) }

    var json: String { JSONValue.object(Self.columns.map { ($0.name, $0.value(self)) }).line }

    var csv: String { CSV.line(Self.columns.map { $0.value(self) }) }
}
