// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import TestKit
import Testing

@Suite("Membership requests: what path, body and origin say has to agree")
struct MembershipRequestTests {
    static let endpoints = [
        ("v1/send_join", "join"), ("v2/send_join", "join"), ("v1/send_leave", "leave"), ("v2/send_leave", "leave"),
        ("v1/send_knock", "knock"), ("v1/invite", "invite"),
    ]

    @Test("AC-56 room, event ID, membership, sender and state key are compared", arguments: endpoints)
    func comparisons(endpoint: String, membership: String) throws {
        func fault(_ changes: [String: String?] = [:], room: String = "!r:alpha.example", id: String? = nil) throws
            -> RequestFacts.Fault?
        {
            let event = RequestSample.member(membership, changes)
            let path =
                try id.map { "/_matrix/federation/\(endpoint)/\(room)/\($0)" }
                ?? RequestSample.path(endpoint, event, room: room)
            return RequestSample.fault("PUT", path, event)
        }
        #expect(try fault() == nil)
        for version in ["3", "4", "6", "9", "12"] {
            let event = RequestSample.member(membership)
            let path = try RequestSample.path(endpoint, event, version: version)
            #expect(RequestSample.fault("PUT", path, event) == nil, "\(version)")
        }
        #expect(try fault(room: "!other:alpha.example") == .mismatch)
        #expect(try fault(["room_id": #""!other:alpha.example""#]) == .mismatch)
        #expect(try fault(id: "$other:alpha.example") == .mismatch)
        #expect(try fault(id: "$" + String(repeating: "a", count: 43)) == .mismatch)
        #expect(try fault(["content": #"{"membership":"ban"}"#]) == .mismatch)
        #expect(try fault(["content": "{}"]) == .mismatch)
        #expect(try fault(["type": #""m.room.power_levels""#]) == .event(.malformed(.type)))
        #expect(try fault(["state_key": nil]) == .event(.malformed(.stateKey)))
        #expect(try fault(["depth": "1.0"]) == .event(.malformed(.depth)))
        #expect(try fault(["content": "{\"membership\":\"\(membership)\",\"x\":1.5}"]) == .event(.number))
        #expect(try fault(room: "r:alpha.example") == .identifier)
        #expect(try fault(id: "e") == .identifier)
    }

    @Test("the actor is of the origin, and acts for itself", arguments: endpoints.filter { $0.1 != "invite" })
    func actors(endpoint: String, membership: String) throws {
        func fault(_ sender: String, _ stateKey: String) throws -> RequestFacts.Fault? {
            let event = RequestSample.member(membership, ["sender": "\"\(sender)\"", "state_key": "\"\(stateKey)\""])
            return RequestSample.fault("PUT", try RequestSample.path(endpoint, event), event)
        }
        #expect(try fault("@u:alpha.example", "@u:alpha.example") == nil)
        #expect(try fault("@u:bravo.example", "@u:bravo.example") == .foreignActor)
        #expect(try fault("@u:alpha.example:1", "@u:alpha.example:1") == .foreignActor)
        #expect(try fault("@u:alpha.example", "@v:alpha.example") == .mismatch)
        #expect(RequestFacts.Fault.foreignActor.status == 403)
    }

    @Test("AC-57 an invite's sender is of the origin, its target of ours, in both forms")
    func relayed() throws {
        func fault(_ changes: [String: String?]) throws -> [RequestFacts.Fault?] {
            let event = RequestSample.member("invite", changes)
            return [
                RequestSample.fault("PUT", try RequestSample.path("v1/invite", event), event),
                RequestSample.fault("PUT", try RequestSample.path("v2/invite", event), RequestSample.invite(event)),
            ]
        }
        #expect(try fault([:]) == [nil, nil])
        #expect(try fault(["sender": #""@u:denied.example""#]) == [.relayedInvite, .relayedInvite])
        #expect(try fault(["state_key": #""@v:bravo.example""#]) == [.foreignTarget, .foreignTarget])
        #expect(
            RequestFacts.Fault.relayedInvite.status == 403 && RequestFacts.Fault.relayedInvite.errcode == "M_FORBIDDEN")
    }

    @Test("AC-56 an invite that names its room's version has exactly that version's event ID")
    func inviteVersion() throws {
        let event = RequestSample.member("invite", ["origin": #""alpha.example""#])
        for version in ["3", "6", "10", "11", "12"] {
            for other in ["3", "6", "10", "11", "12"] {
                let same = try RequestSample.id(event, version) == RequestSample.id(event, other)
                let path = try RequestSample.path("v2/invite", event, version: other)
                let fault = RequestSample.fault("PUT", path, RequestSample.invite(event, version: version))
                #expect(fault == (same ? nil : .mismatch), "\(version) under \(other)")
            }
        }
        let path = try RequestSample.path("v2/invite", event)
        for version in ["", String(repeating: "1", count: 33)] {
            #expect(RequestSample.fault("PUT", path, RequestSample.invite(event, version: version)) == .body)
        }
        #expect(RequestSample.fault("PUT", path, "{\"room_version\":\"11\"}") == .body)
        let facts = try RequestSample.facts("PUT", path, RequestSample.invite(event))
        #expect(
            facts.roomVersion == "11" && facts.room == "!r:alpha.example" && facts.actor?.text == "@u:alpha.example")
        #expect(facts.target?.text == "@v:hs.delta.example" && facts.pdu?.type == "m.room.member")
    }

    @Test("AC-59 the state of an invite has at most 32 entries, 64 KiB, and the shape of state events")
    func inviteState() throws {
        let entry = #"{"type":"m.room.name","state_key":"","sender":"@u:alpha.example","content":{"name":"x"}}"#
        func faults(_ state: String) throws -> [RequestFacts.Fault?] {
            let event = RequestSample.member("invite")
            let old = RequestSample.member("invite", ["unsigned": "{\"invite_room_state\":\(state)}"])
            return [
                RequestSample.fault(
                    "PUT", try RequestSample.path("v2/invite", event), RequestSample.invite(event, state: state)),
                RequestSample.fault("PUT", try RequestSample.path("v1/invite", old), old),
            ]
        }
        func list(_ count: Int) -> String { "[" + Array(repeating: entry, count: count).joined(separator: ",") + "]" }
        #expect(try faults(list(32)) == [nil, nil])
        #expect(try faults(list(33)) == [.inviteState, .inviteState])
        let big = entry.replacing("\"x\"", with: "\"" + String(repeating: "x", count: 65_536) + "\"")
        #expect(try faults("[\(big)]").first == .inviteState)
        for bad in [
            "{}", "1", "null", "[1]", "[{}]", "[null]", "[[]]",
            "[\(entry.replacing("\"content\":{\"name\":\"x\"}", with: "\"content\":[]"))]",
            "[\(entry.replacing("\"m.room.name\"", with: "1"))]", "[\(entry.replacing("@u:alpha.example", with: "u"))]",
            "[\(entry.replacing("\"state_key\":\"\"", with: "\"state_key\":null"))]",
        ] {
            #expect(try faults(bad) == [.inviteState, .inviteState], "\(bad)")
        }
        let foreign = entry.replacing("{\"type\"", with: "{\"room_id\":\"!other:alpha.example\",\"type\"")
        #expect(try faults("[\(foreign)]") == [.mismatch, .mismatch])
        let numbers = entry.replacing("\"x\"", with: "1.0")
        #expect(try faults("[\(numbers)]").first == .number)
    }

    @Test("a full create event refutes a room of version 12 that it does not hash to")
    func createEvent() throws {
        let create = Sample.event([
            "type": #""m.room.create""#, "state_key": #""""#, "room_id": nil, "content": #"{"room_version":"12"}"#,
            "auth_events": "[]",
        ])
        let document = try JSONDocument(reading: Array(create.utf8))
        let version = try #require(RoomVersion("12"))
        let room = try #require(EventForm(document.root, in: document, version: version).roomID())
        for (name, fault) in [(room, nil), ("!" + String(repeating: "A", count: 43), RequestFacts.Fault.mismatch)] {
            let event = RequestSample.member("invite", ["room_id": "\"\(name)\""])
            let path = try RequestSample.path("v2/invite", event, room: name, version: "12")
            let body = RequestSample.invite(event, version: "12", state: "[\(create)]")
            #expect(RequestSample.fault("PUT", path, body) == fault)
        }
    }

    @Test("AC-69 an event over the limits is refused here too")
    func limits() throws {
        let event = RequestSample.member(
            "join", ["content": "{\"membership\":\"join\",\"x\":\"" + String(repeating: "x", count: 65_536) + "\"}"])
        #expect(
            RequestSample.fault("PUT", try RequestSample.path("v2/send_join", event), event) == .event(.limits(.event)))
    }
}
