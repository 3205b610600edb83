// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Elastic Common Schema 8.17; the whole record under `entente`, which the schema leaves to us.
///
/// Members are written in sorted order.
enum ECSFormat {
    static func line(_ fields: RecordFields) -> [UInt8] {
        var json = JSONWriter(capacity: fields.json.bytes.count + 2048)
        json.beginObject()
        json.member(#""@timestamp":"#, fields.time)
        object(#""destination":{"#, &json, [(#""domain":"#, fields.text("server", in: "destination"))])
        object(#""ecs":{"#, &json, [(#""version":"#, "8.17.0")])
        json.key(#""entente":"#)
        json.raw(fields.json.bytes)
        event(fields, &json)
        http(fields, &json)
        object(#""log":{"#, &json, [(#""level":"#, RecordSeverity(fields).word)])
        json.member(#""message":"#, fields.sentence)
        object(#""network":{"#, &json, [(#""direction":"#, fields.text("direction"))])
        object(
            #""observer":{"#, &json,
            [
                (#""name":"#, fields.node), (#""product":"#, "Entente"), (#""type":"#, "proxy"),
                (#""vendor":"#, "Entente"),
            ])
        object(#""rule":{"#, &json, [(#""id":"#, fields.text("rule_id"))])
        // What is only claimed is under `entente.origin.claimed`: nothing proves it.
        object(#""source":{"#, &json, [(#""domain":"#, fields.text("authenticated", in: "origin"))])
        tls(fields, &json)
        object(#""url":{"#, &json, [(#""path":"#, fields.text("path_template"))])
        user(fields, &json)
        json.endObject()
        return json.bytes
    }

    /// Pseudonyms, of one month and class of records.
    private static func user(_ fields: RecordFields, _ json: inout JSONWriter) {
        let (subject, target) = (fields.text("subject"), fields.text("target"))
        guard subject != nil || target != nil else { return }
        json.open(#""user":{"#)
        json.member(#""id":"#, subject)
        object(#""target":{"#, &json, [(#""id":"#, target)])
        json.endObject()
    }

    /// Left out when it would be empty.
    private static func object(
        _ opening: StaticString, _ json: inout JSONWriter, _ members: [(StaticString, String?)]
    ) {
        guard members.contains(where: { $0.1 != nil }) else { return }
        json.open(opening)
        for (key, text) in members { json.member(key, text) }
        json.endObject()
    }

    private static func event(_ fields: RecordFields, _ json: inout JSONWriter) {
        let decision = fields.text("decision").flatMap(AuditRecord.Decision.init)
        json.open(#""event":{"#)
        json.member(#""action":"#, decision?.rawValue ?? fields.kind)
        list(#""category":["#, [isTraffic(fields) ? "network" : "configuration"], &json)
        json.member(#""code":"#, fields.text("reason_code"))
        json.member(#""dataset":"#, "entente.audit")
        // Nanoseconds; the record has microseconds.
        if let total = fields.integer("total", in: "dur_us"), (0...Int64.max / 1000).contains(total) {
            json.member(#""duration":"#, total * 1000)
        }
        json.member(#""id":"#, "\(fields.node)/\(fields.sequence)")
        json.member(#""kind":"#, fields.node("alerts") == nil ? "event" : "alert")
        json.member(#""module":"#, "entente")
        if let decision { json.member(#""outcome":"#, decision.passes ? "success" : "failure") }
        json.member(#""provider":"#, fields.kind)
        json.member(#""reason":"#, fields.text("explain"))
        json.member(#""sequence":"#, fields.sequence)
        json.member(#""severity":"#, RecordSeverity(fields).cef)
        list(#""type":["#, [decision.map { $0.passes ? "allowed" : "denied" } ?? "info"], &json)
        json.endObject()
    }

    private static func isTraffic(_ fields: RecordFields) -> Bool {
        fields.kind == "request" || fields.kind == "outcome"
    }

    private static func list(_ opening: StaticString, _ words: [String], _ json: inout JSONWriter) {
        json.open(opening)
        for word in words { json.elementText(word) }
        json.endArray()
    }

    private static func http(_ fields: RecordFields, _ json: inout JSONWriter) {
        let (method, status) = (fields.text("method"), fields.integer("status", in: "http"))
        let (received, sent) = (fields.integer("bytes_in", in: "http"), fields.integer("bytes_out", in: "http"))
        guard method != nil || status != nil || received != nil || sent != nil else { return }
        json.open(#""http":{"#)
        if method != nil || received != nil {
            json.open(#""request":{"#)
            body(received, &json)
            json.member(#""method":"#, method)
            json.endObject()
        }
        if status != nil || sent != nil {
            json.open(#""response":{"#)
            body(sent, &json)
            json.member(#""status_code":"#, status)
            json.endObject()
        }
        json.endObject()
    }

    private static func body(_ bytes: Int64?, _ json: inout JSONWriter) {
        guard let bytes else { return }
        json.open(#""body":{"#)
        json.member(#""bytes":"#, bytes)
        json.endObject()
    }

    /// The schema wants `1.3` of `TLSv1.3`; another text stays where it is, under `entente`.
    private static func tls(_ fields: RecordFields, _ json: inout JSONWriter) {
        let version = fields.text("version", in: "tls").flatMap { $0.hasPrefix("TLSv") ? String($0.dropFirst(4)) : nil }
        let (cipher, curve) = (fields.text("suite", in: "tls"), fields.text("group", in: "tls"))
        object(
            #""tls":{"#, &json,
            [
                (#""cipher":"#, cipher), (#""curve":"#, curve), (#""version":"#, version),
                (#""version_protocol":"#, version == nil ? nil : "tls"),
            ])
    }
}
