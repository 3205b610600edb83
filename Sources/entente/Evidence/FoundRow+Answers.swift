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
    private var fields: [(name: String, value: JSONValue)] {
        [
            ("seq", .number(Int(sequence))), ("time", .text(RecordTime.text(microseconds: time))),
            ("kind", .optional(kind)), ("direction", .optional(direction)), ("decision", .optional(decision)),
            ("reason_code", .optional(reason)), ("rule_id", .optional(rule)), ("origin", .optional(origin)),
            ("origin_authenticated", .truth(isProved)), ("origin_state", .optional(originState)),
            ("origin_tier", .optional(originTier)), ("destination", .optional(destination)),
            ("destination_state", .optional(destinationState)), ("destination_tier", .optional(destinationTier)),
            ("endpoint_class", .optional(endpointClass)), ("method", .optional(method)),
            ("path_template", .optional(path)), ("network", .optional(network)), ("room", .optional(room)),
            ("events_in", .number(Int(eventsIn))), ("events_forwarded", .number(Int(eventsPassed))),
            ("events_refused", .number(Int(eventsRefused))),
            ("of_seq", decidedBy > 0 ? .number(Int(decidedBy)) : .nothing),
        ]
    }

    var json: String { JSONValue.object(fields).line }

    static let csvHeads = [
        "seq", "time", "kind", "direction", "decision", "reason_code", "rule_id", "origin", "origin_authenticated",
        "origin_state", "origin_tier", "destination", "destination_state", "destination_tier", "endpoint_class",
        "method",
        "path_template", "network", "room", "events_in", "events_forwarded", "events_refused", "of_seq",
    ]

    var csv: String {
        CSV.line(
            fields.map { field in
                switch field.value {
                case .text(let text): text
                case .number(let number): String(number)
                case .truth(let truth): truth ? "true" : "false"
                default: ""
                }
            })
    }
}
