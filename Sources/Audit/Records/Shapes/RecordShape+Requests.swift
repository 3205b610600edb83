// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

extension RecordShape {
    static let request = RecordShape(
        "request",
        .may("alerts", .list(.reason, most: nil)),
        .may("authors", .list(.object([.must("count", .count), .must("domain", .text)]), most: nil)),
        .may("authors_omitted", .count),
        .must("decision", .decision),
        .may("destination", .object([.may("server", .text), .may("state", .text), .may("tier", .text)])),
        .must("direction", .words(AuditRecord.Direction.allCases.map(\.rawValue))),
        .may("dur_us", .durations),
        .may("edus", .object(eduTypes.map { .may($0, .count) })),
        .may("endpoint_class", .words(EndpointClass.allCases.map(\.rawValue))),
        .may("events", .list(.reference, most: RecordEncoder.eventsLimit)),
        .may("events_asked", .list(.reference, most: RecordEncoder.eventsLimit)),
        .may("events_asked_omitted", .count),
        .may("events_omitted", .count),
        .may("explain", .text(limit: 300)),
        .may("http", .http),
        .may("level", .words(AuditLevel.allCases.filter { $0 != .standard }.map(\.rawValue))),
        .may("media", .object([.must("ref", .reference)])),
        .may("method", .text(limit: 64)),
        .may("network", .text),
        .must(
            "origin",
            .object([
                .may("authenticated", .text), .may("claimed", .text), .may("key_id", .text(limit: 255)),
                .may("state", .text), .may("tier", .text),
            ])),
        .may("path_template", .text),
        .may("pdus", .object([.must("forwarded", .count), .must("in", .count), .must("refused", .count)])),
        .may("policy", .policy),
        .must("reason_code", .reason),
        .may("refusals", .list(refusal, most: nil)),
        .may("refusals_omitted", .count),
        .may("req_sha256", .digest),
        .may("room", .reference),
        .may("rooms", .list(.reference, most: RecordEncoder.roomsLimit)),
        .may("rooms_omitted", .count),
        .may("rule_id", .text),
        .may("sealed", .object([.must("box", .base64), .must("key", .reference)])),
        .may("shadow", .object([.must("decision", .decision), .may("rule_id", .text)])),
        .may("subject", .reference),
        .may("subjects", .list(.reference, most: RecordEncoder.peopleLimit)),
        .may("subjects_omitted", .count),
        .may("target", .reference),
        .may("targets", .list(.reference, most: RecordEncoder.peopleLimit)),
        .may("targets_omitted", .count),
        .may(
            "tls",
            .object([
                .may("group", .text(limit: 64)), .may("peer_spki", .digest), .may("suite", .text(limit: 64)),
                .may("version", .text(limit: 64)),
            ])))

    static let outcome = RecordShape(
        "outcome", .may("answered", .object([.may("events", .count), .may("ids", .count)])),
        .may("dur_us", .durations),
        .may("events", .list(.reference, most: AnsweredEvents.maxReferences)),
        .may("events_named", .list(.reference, most: AnsweredEvents.maxReferences)), .may("events_omitted", .count),
        .must("http", .http), .may("media", .object([.must("bytes", .count), .may("type", .text(limit: 100))])),
        .must("of_seq", .count),
        .may("reason_code", .reason), .may("rule_id", .text))

    static let aggregated = RecordShape(
        "audit.aggregated", .must("count", .count), .must("decision", .decision),
        .must("direction", .words(AuditRecord.Direction.allCases.map(\.rawValue))), .must("first", moment),
        .must("last", moment),
        .must("origin", .object([.may("claimed", .text), .may("state", .text), .may("tier", .text)])),
        .may("policy", .policy), .must("reason_code", .reason), .may("source", .text))

    private static let moment = Value.object([.may("req_sha256", .digest), .must("time", .time)])

    private static let eduTypes = [
        "m.device_list_update", "m.direct_to_device", "m.presence", "m.receipt", "m.signing_key_update", "m.typing",
        "other",
    ]

    private static let refusal = Value.object([
        .may("author", .text), .may("event", .reference),
        .may("event_other", .list(.reference, most: RecordEncoder.otherEventsLimit)), .must("reason", .reason),
        .may("rule_id", .text),
        .may("type", .text),
    ])
}

extension RecordShape.Value {
    static let reason = Self.words(ReasonCode.allCases.map(\.rawValue).sorted())
    static let decision = Self.words(AuditRecord.Decision.allCases.map(\.rawValue))
    static let policy = Self.object([
        .must("mode", .text(limit: 64)), .must("serial", .integer), .must("sha256", .digest),
    ])
    static let durations = Self.object(["auth", "policy", "total", "upstream"].map { .may($0, .integer) })
    static let http = Self.object([
        .may("bytes_in", .count), .may("bytes_out", .count), .may("errcode", .text(limit: 255)), .may("status", .count),
    ])
}
