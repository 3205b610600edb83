// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// OCSF 1.6: requests and their outcomes as HTTP Activity (4002), all else as Base Event; the whole record under `unmapped`.
///
/// Members are written in sorted order. Source: schema.ocsf.io, 1.6.0, with the profile `security_control`.
enum OCSFFormat {
    static func line(_ fields: RecordFields) -> [UInt8] {
        var json = JSONWriter(capacity: fields.json.bytes.count + 2048)
        let isHTTP = isHTTPActivity(fields)
        let (category, kind) = isHTTP ? (Int64(4), Int64(4002)) : (0, 0)
        let activity: Int64 = isHTTP ? activity(fields.text("method")) : 99
        let decision = fields.text("decision").flatMap(AuditRecord.Decision.init)
        json.beginObject()
        if let decision { json.member(#""action_id":"#, decision.passes ? 1 : 2) }
        json.member(#""activity_id":"#, activity)
        if activity == 99 { json.member(#""activity_name":"#, fields.text("method") ?? fields.kind, limit: 64) }
        if isHTTP, let subject = fields.text("subject") {
            // A pseudonym, of one month and class of records.
            json.open(#""actor":{"#)
            json.open(#""user":{"#)
            json.member(#""uid":"#, subject)
            json.endObject()
            json.endObject()
        }
        json.member(#""category_uid":"#, category)
        json.member(#""class_uid":"#, kind)
        if isHTTP { connection(fields, &json) }
        if let decision {
            json.member(#""disposition":"#, decision.rawValue)
            json.member(#""disposition_id":"#, disposition(decision))
        }
        if isHTTP, let server = fields.text("server", in: "destination") {
            json.open(#""dst_endpoint":{"#)
            json.member(#""hostname":"#, server)
            json.endObject()
        }
        if let rule = fields.text("rule_id") {
            json.open(#""firewall_rule":{"#)
            json.member(#""uid":"#, rule)
            json.endObject()
        }
        if isHTTP { http(fields, &json) }
        json.member(#""message":"#, fields.sentence)
        metadata(fields, isHTTP, &json)
        if let sha256 = fields.text("sha256", in: "policy") {
            json.open(#""policy":{"#)
            json.member(#""uid":"#, sha256)
            if let serial = fields.integer("serial", in: "policy") { json.member(#""version":"#, "\(serial)") }
            json.endObject()
        }
        json.member(#""severity_id":"#, RecordSeverity(fields).ocsf)
        if isHTTP { source(fields, &json) }
        json.member(#""status_code":"#, fields.text("reason_code"))
        json.member(#""status_detail":"#, fields.text("explain"))
        if let decision { json.member(#""status_id":"#, decision.passes ? 1 : 2) }
        json.member(#""time":"#, fields.milliseconds)
        if isHTTP { tls(fields, &json) }
        json.member(#""type_uid":"#, kind * 100 + activity)
        json.open(#""unmapped":{"#)
        json.key(#""entente":"#)
        json.raw(fields.json.bytes)
        json.endObject()
        json.endObject()
        return json.bytes
    }

    /// The class demands a request or a response.
    private static func isHTTPActivity(_ fields: RecordFields) -> Bool {
        fields.kind == "request" && (fields.text("method") != nil || fields.text("path_template") != nil)
            || (fields.kind == "request" || fields.kind == "outcome") && fields.integer("status", in: "http") != nil
    }

    private static func activity(_ method: String?) -> Int64 {
        switch method {
        case nil: 0
        case "CONNECT": 1
        case "DELETE": 2
        case "GET": 3
        case "HEAD": 4
        case "OPTIONS": 5
        case "POST": 6
        case "PUT": 7
        case "TRACE": 8
        default: 99
        }
    }

    /// `disposition_id`: allowed, blocked, dropped, rejected; 99 with the word beside it.
    private static func disposition(_ decision: AuditRecord.Decision) -> Int {
        switch decision {
        case .allow: 1
        case .partial: 99
        case .refuse: 2
        case .withheld: 6
        case .absorbed: 25
        }
    }

    private static func connection(_ fields: RecordFields, _ json: inout JSONWriter) {
        guard let direction = fields.text("direction") else { return }
        json.open(#""connection_info":{"#)
        json.member(#""direction_id":"#, direction == "inbound" ? 1 : 2)
        json.endObject()
    }

    private static func http(_ fields: RecordFields, _ json: inout JSONWriter) {
        let (method, path) = (fields.text("method"), fields.text("path_template"))
        if method != nil || path != nil {
            json.open(#""http_request":{"#)
            json.member(#""http_method":"#, method, limit: 64)
            json.member(#""length":"#, fields.integer("bytes_in", in: "http"))
            if let path {
                json.open(#""url":{"#)
                json.member(#""path":"#, path)
                json.endObject()
            }
            json.endObject()
        }
        if let status = fields.integer("status", in: "http") {
            json.open(#""http_response":{"#)
            json.member(#""code":"#, status)
            json.member(#""length":"#, fields.integer("bytes_out", in: "http"))
            json.member(#""message":"#, fields.text("errcode", in: "http"))
            json.endObject()
        }
    }

    private static func metadata(_ fields: RecordFields, _ isHTTP: Bool, _ json: inout JSONWriter) {
        json.open(#""metadata":{"#)
        json.member(#""event_code":"#, fields.text("reason_code") ?? fields.kind)
        json.member(#""log_name":"#, fields.kind)
        json.member(#""log_provider":"#, fields.node)
        json.open(#""product":{"#)
        json.member(#""name":"#, "Entente")
        json.member(#""vendor_name":"#, "Entente")
        json.endObject()
        let hasActor = isHTTP && fields.text("subject") != nil
        if hasActor || fields.text("decision") != nil {
            json.open(#""profiles":["#)
            // What has an actor in this class is the profile `host`.
            if hasActor { json.elementText("host") }
            if fields.text("decision") != nil { json.elementText("security_control") }
            json.endArray()
        }
        json.member(#""sequence":"#, fields.sequence)
        json.member(#""uid":"#, "\(fields.node)/\(fields.sequence)")
        json.member(#""version":"#, "1.6.0")
        json.endObject()
    }

    /// `hostname` is proved by a signature; `name` is what the request claims.
    private static func source(_ fields: RecordFields, _ json: inout JSONWriter) {
        let (proved, claimed) = (fields.text("authenticated", in: "origin"), fields.text("claimed", in: "origin"))
        guard proved != nil || claimed != nil else { return }
        json.open(#""src_endpoint":{"#)
        json.member(#""hostname":"#, proved)
        json.member(#""name":"#, claimed)
        json.endObject()
    }

    private static func tls(_ fields: RecordFields, _ json: inout JSONWriter) {
        guard let version = fields.text("version", in: "tls") else { return }
        json.open(#""tls":{"#)
        json.member(#""cipher":"#, fields.text("suite", in: "tls"))
        json.member(#""version":"#, version)
        json.endObject()
    }
}
