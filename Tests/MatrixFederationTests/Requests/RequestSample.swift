// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

/// Requests from `alpha.example` to `hs.delta.example`, as texts.
enum RequestSample {
    struct NotRouted: Error {}

    static func facts(_ method: String, _ target: String, _ body: String? = nil) throws -> RequestFacts {
        let target = try Routing.target(target)
        guard case .endpoint(let endpoint, let parameters) = Endpoints.match(method: method.utf8.span, target: target)
        else {
            throw NotRouted()
        }
        let document = try body.map { try JSONDocument(reading: Array($0.utf8)) }
        return try RequestFacts(
            endpoint, parameters, target, body: document, origin: try ServerName("alpha.example"),
            destination: try ServerName("hs.delta.example"))
    }

    static func fault(_ method: String, _ target: String, _ body: String? = nil) -> RequestFacts.Fault? {
        do {
            _ = try facts(method, target, body)
            return nil
        } catch let fault as RequestFacts.Fault { return fault } catch {
            Issue.record("\(method) \(target): \(error)")
            return nil
        }
    }

    /// A membership event with changes.
    static func member(_ membership: String, _ changes: [String: String?] = [:]) -> String {
        let target = membership == "invite" ? "@v:hs.delta.example" : "@u:alpha.example"
        var members: [String: String?] = [
            "type": #""m.room.member""#, "state_key": "\"\(target)\"", "content": "{\"membership\":\"\(membership)\"}",
        ]
        members.merge(changes) { $1 }
        return Sample.event(members)
    }

    /// The event's ID by the rules of a room version.
    static func id(_ event: String, _ version: String = "11") throws -> String {
        let document = try JSONDocument(reading: Array(event.utf8))
        let version = try #require(RoomVersion(version))
        let id = EventForm(document.root, in: document, version: version).eventID()
        return try #require(id).replacing("/", with: "%2F")
    }

    static func path(_ endpoint: String, _ event: String, room: String = "!r:alpha.example", version: String = "11")
        throws -> String
    {
        "/_matrix/federation/\(endpoint)/\(room)/\(try id(event, version))"
    }

    static func invite(_ event: String, version: String = "11", state: String? = "[]") -> String {
        let state = state.map { ",\"invite_room_state\":\($0)" } ?? ""
        return "{\"event\":\(event),\"room_version\":\"\(version)\"\(state)}"
    }
}
