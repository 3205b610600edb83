// SPDX-License-Identifier: Apache-2.0

import MatrixFederation

/// Events, EDUs and transactions as canonical JSON texts whose members can be replaced, added, and removed with nil.
enum SampleEvent {
    static func object(_ members: [String: String?]) -> String {
        let present = members.compactMapValues(\.self).sorted { $0.key < $1.key }
        return "{" + present.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    /// A message of `author`'s user.
    static func message(by author: String, _ text: String = "x", _ changes: [String: String?] = [:]) -> String {
        let members: [String: String?] = [
            "auth_events": #"["$a"]"#, "content": "{\"body\":\"\(text)\",\"msgtype\":\"m.text\"}", "depth": "12",
            "hashes": #"{"sha256":"x"}"#, "origin_server_ts": "1767225600000", "prev_events": #"["$b"]"#,
            "room_id": "\"!r:\(author)\"", "sender": "\"@u:\(author)\"", "signatures": "{}",
            "type": #""m.room.message""#,
        ]
        return object(members.merging(changes) { $1 })
    }

    /// A membership event: of the actor itself, or an invite of `target`.
    static func member(
        _ membership: String, by actor: String, of target: String? = nil, _ changes: [String: String?] = [:]
    ) -> String {
        let members: [String: String?] = [
            "content": "{\"membership\":\"\(membership)\"}", "state_key": "\"\(target ?? "@u:\(actor)")\"",
            "type": #""m.room.member""#,
        ]
        return message(by: actor, "", members.merging(changes) { $1 })
    }

    /// The event's ID by the rules of a room version.
    static func id(_ event: String, version: String = "11") throws -> String {
        let document = try JSONDocument(reading: Array(event.utf8))
        guard let version = RoomVersion(version),
            let id = EventForm(document.root, in: document, version: version).eventID()
        else { throw NoIdentifier() }
        return id
    }

    struct NoIdentifier: Error {}

    static func edu(_ type: String, _ content: String) -> String { #"{"content":\#(content),"edu_type":"\#(type)"}"# }

    static func typing(of user: String) -> String {
        edu("m.typing", #"{"room_id":"!r:x.example","typing":true,"user_id":"\#(user)"}"#)
    }

    static func presence(of user: String) -> String {
        edu("m.presence", #"{"push":[{"presence":"online","user_id":"\#(user)"}]}"#)
    }

    static func receipt(of user: String) -> String {
        edu("m.receipt", #"{"!r:x.example":{"m.read":{"\#(user)":{"data":{"ts":1},"event_ids":["$e"]}}}}"#)
    }

    static func toDevice(from user: String, to recipient: String) -> String {
        edu(
            "m.direct_to_device",
            #"{"message_id":"1","messages":{"\#(recipient)":{"*":{}}},"sender":"\#(user)","type":"m.room.encrypted"}"#)
    }

    static func deviceList(of user: String) -> String {
        edu("m.device_list_update", #"{"device_id":"D","prev_id":[],"stream_id":1,"user_id":"\#(user)"}"#)
    }

    static func signingKey(of user: String) -> String { edu("m.signing_key_update", #"{"user_id":"\#(user)"}"#) }

    static func transaction(
        from origin: String, pdus: [String] = [], edus: [String]? = nil, _ changes: [String: String?] = [:]
    ) -> String {
        let members: [String: String?] = [
            "edus": edus.map { "[" + $0.joined(separator: ",") + "]" }, "origin": "\"\(origin)\"",
            "origin_server_ts": "1767225600000", "pdus": "[" + pdus.joined(separator: ",") + "]",
        ]
        return object(members.merging(changes) { $1 })
    }
}
