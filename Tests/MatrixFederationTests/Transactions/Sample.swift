// SPDX-License-Identifier: Apache-2.0

import MatrixFederation

/// Events and EDUs for tests, as JSON texts whose members can be replaced, added and removed.
enum Sample {
    static let event: [String: String] = [
        "auth_events": #"["$a"]"#, "content": #"{"body":"x","msgtype":"m.text"}"#, "depth": "12",
        "hashes": #"{"sha256":"x"}"#, "origin_server_ts": "1767225600000", "prev_events": #"["$b"]"#,
        "room_id": #""!r:alpha.example""#, "sender": #""@u:alpha.example""#, "signatures": "{}",
        "type": #""m.room.message""#,
    ]

    /// The event with members set to other JSON texts, or left out where nil.
    static func event(_ changes: [String: String?] = [:]) -> String { object(changed(event, changes)) }

    static func changed(_ members: [String: String], _ changes: [String: String?]) -> [String: String] {
        var members = members
        for (name, value) in changes { members[name] = value }
        return members
    }

    static func object(_ members: [String: String]) -> String {
        "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    static func edu(_ type: String, _ content: String) -> String { #"{"edu_type":"\#(type)","content":\#(content)}"# }

    static func transactionText(pdus: [String] = [], edus: [String]? = nil, _ changes: [String: String?] = [:])
        -> String
    {
        var members = ["origin": #""alpha.example""#, "origin_server_ts": "1767225600000"]
        members["pdus"] = "[" + pdus.joined(separator: ",") + "]"
        if let edus { members["edus"] = "[" + edus.joined(separator: ",") + "]" }
        return object(changed(members, changes))
    }

    static func transaction(
        pdus: [String] = [], edus: [String]? = nil, _ changes: [String: String?] = [:]
    ) throws -> (Transaction, JSONDocument) {
        let document = try JSONDocument(reading: Array(transactionText(pdus: pdus, edus: edus, changes).utf8))
        let transaction = try Transaction(
            document, origin: try ServerName("alpha.example"), destination: try ServerName("hs.delta.example"))
        return (transaction, document)
    }
}
