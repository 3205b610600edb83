// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("Facts of requests")
struct RequestFactsTests {
    static let prefix = "/_matrix/federation/v1/"

    @Test("make_join, make_leave and make_knock are for users of the caller", arguments: ["join", "leave", "knock"])
    func templates(membership: String) throws {
        func path(_ user: String) -> String { Self.prefix + "make_\(membership)/%21r%3Aalpha.example/\(user)?ver=11" }
        let facts = try RequestSample.facts("GET", path("%40u%3Aalpha.example"))
        #expect(facts.room == "!r:alpha.example" && facts.actor?.text == "@u:alpha.example")
        #expect(RequestSample.fault("GET", path("@u:bravo.example")) == .foreignActor)
        #expect(RequestSample.fault("GET", path("@u:Alpha.example")) == .foreignActor)
        #expect(RequestSample.fault("GET", path("u:alpha.example")) == .identifier)
        #expect(RequestSample.fault("GET", path("@u")) == .identifier)
    }

    @Test("rooms and events are read from path and query")
    func rooms() throws {
        #expect(try RequestSample.facts("GET", Self.prefix + "state/!r:a?event_id=%24e:a").event == "$e:a")
        #expect(try RequestSample.facts("GET", Self.prefix + "event_auth/!r:a/%24e:a").event == "$e:a")
        #expect(try RequestSample.facts("GET", Self.prefix + "event/%24e:a").room == nil)
        let hash = "%24" + String(repeating: "A", count: 43)
        #expect(
            try RequestSample.facts("GET", Self.prefix + "backfill/!r:a?limit=10&v=\(hash)&v=%24b:a").event?.count == 44
        )
        for bad in [
            "state/r:a?event_id=%24e:a", "state/!r:a?event_id=e", "event/e", "event_auth/!r:a/e", "backfill/!r:a?v=x",
            "backfill/!r:a?v=%24a:a&v=x", "hierarchy/@r:a", "event/%24" + String(repeating: "a", count: 300) + ":a",
        ] {
            #expect(RequestSample.fault("GET", Self.prefix + bad) == .identifier, "\(bad)")
        }
        let missing = #"{"earliest_events":[],"latest_events":["$e"],"limit":10}"#
        #expect(try RequestSample.facts("POST", Self.prefix + "get_missing_events/!r:a", missing).room == "!r:a")
        #expect(RequestSample.fault("POST", Self.prefix + "get_missing_events/!r:a", "[]") == .body)
        #expect(RequestSample.fault("POST", Self.prefix + "get_missing_events/!r:a") == .body)
        #expect(RequestSample.fault("POST", Self.prefix + "get_missing_events/!r:a", #"{"limit":1e1}"#) == .number)
    }

    @Test("users and aliases that are asked about belong to the callee")
    func targets() throws {
        let ours = "@v:hs.delta.example"
        #expect(try RequestSample.facts("GET", Self.prefix + "query/profile?user_id=\(ours)").target?.text == ours)
        #expect(try RequestSample.facts("GET", Self.prefix + "user/devices/\(ours)").target?.text == ours)
        let alias = try RequestSample.facts("GET", Self.prefix + "query/directory?room_alias=%23a:hs.delta.example")
            .alias
        #expect(alias?.text == "#a:hs.delta.example")
        for bad in [
            "query/profile?user_id=@v:bravo.example", "user/devices/@v:alpha.example",
            "query/directory?room_alias=%23a:alpha.example",
        ] {
            #expect(RequestSample.fault("GET", Self.prefix + bad) == .foreignTarget, "\(bad)")
        }
        for bad in ["query/profile", "query/profile?user_id=v", "user/devices/v", "query/directory?room_alias=a"] {
            #expect(RequestSample.fault("GET", Self.prefix + bad) == .identifier, "\(bad)")
        }
    }

    @Test(
        "all users in a key query or claim belong to the callee",
        arguments: [("user/keys/query", "device_keys"), ("user/keys/claim", "one_time_keys")])
    func keyQueries(path: String, member: String) throws {
        func body(_ users: String...) -> String {
            "{\"\(member)\":{" + users.map { "\"\($0)\":{}" }.joined(separator: ",") + "}}"
        }
        let facts = try RequestSample.facts(
            "POST", Self.prefix + path, body("@a:hs.delta.example", "@b:hs.delta.example"))
        #expect(facts.targetCount == 2)
        #expect(
            RequestSample.fault("POST", Self.prefix + path, body("@a:hs.delta.example", "@b:c.example"))
                == .foreignTarget)
        #expect(RequestSample.fault("POST", Self.prefix + path, body("a")) == .foreignTarget)
        #expect(RequestSample.fault("POST", Self.prefix + path, "{}") == .body)
        #expect(RequestSample.fault("POST", Self.prefix + path, "{\"\(member)\":[]}") == .body)
    }

    @Test("AC-78 media IDs outside of their grammar are refused, also when escaped")
    func media() throws {
        #expect(try RequestSample.facts("GET", Self.prefix + "media/download/AZaz09_-").mediaID == "AZaz09_-")
        for bad in [
            "a.b", "a%2Fb", "%2Fetc", "a%20b", "a+b", "a:b", "%41", "a%2E%2E", "~", String(repeating: "a", count: 256),
            "%C3%A9",
        ] {
            for kind in ["download", "thumbnail"] {
                #expect(RequestSample.fault("GET", Self.prefix + "media/\(kind)/\(bad)") == .mediaIdentifier, "\(bad)")
            }
        }
        let longest = String(repeating: "a", count: 255)
        #expect(RequestSample.fault("GET", Self.prefix + "media/download/\(longest)") == nil)
        #expect(RequestSample.fault("GET", "/_matrix/media/v3/download/hs.delta.example/abc/a.png") == nil)
        #expect(RequestSample.fault("GET", "/_matrix/media/v3/download/third.example/abc") == .foreignTarget)
        #expect(RequestSample.fault("GET", "/_matrix/media/v3/download/hs.delta.example/a.b") == .mediaIdentifier)
    }

    @Test("AC-56 an exchanged third-party invite has one room, one target, our inviter and the caller's invited one")
    func exchange() throws {
        func fault(_ changes: [String: String?] = [:], mxid: String = "@u:alpha.example") -> RequestFacts.Fault? {
            var members: [String: String?] = [
                "type": #""m.room.member""#, "room_id": #""!r:x""#, "sender": #""@v:hs.delta.example""#,
                "state_key": #""@u:alpha.example""#,
                "content": "{\"membership\":\"invite\",\"third_party_invite\":{\"signed\":{\"mxid\":\"\(mxid)\"}}}",
            ]
            members.merge(changes) { $1 }
            return RequestSample.fault(
                "PUT", Self.prefix + "exchange_third_party_invite/!r:x", Sample.object(members.compactMapValues(\.self))
            )
        }
        #expect(fault() == nil)
        #expect(fault(["room_id": #""!other:x""#]) == .mismatch)
        #expect(fault(mxid: "@w:alpha.example") == .mismatch)
        #expect(fault(["sender": #""@v:bravo.example""#]) == .foreignTarget)
        #expect(fault(["state_key": #""@u:bravo.example""#], mxid: "@u:bravo.example") == .foreignActor)
        for name in ["type", "sender", "state_key", "content"] { #expect(fault([name: nil]) == .body) }
    }

    @Test("every third-party invite that is bound is for the one user who was bound, and ours")
    func onBind() throws {
        func fault(_ mxid: String, _ invited: String, _ signed: String) -> RequestFacts.Fault? {
            RequestSample.fault(
                "POST", Self.prefix + "3pid/onbind",
                #"{"mxid":"\#(mxid)","invites":[{"mxid":"\#(invited)","signed":{"mxid":"\#(signed)"}}]}"#)
        }
        let ours = "@v:hs.delta.example"
        #expect(fault(ours, ours, ours) == nil)
        #expect(fault(ours, "@w:hs.delta.example", ours) == .mismatch)
        #expect(fault(ours, ours, "@w:hs.delta.example") == .mismatch)
        #expect(fault("@v:alpha.example", "@v:alpha.example", "@v:alpha.example") == .foreignTarget)
    }

    @Test("a policy server is asked about any event but the one that names it")
    func policyServer() throws {
        let facts = try RequestSample.facts(
            "POST", "/_matrix/policy/v1/sign", Sample.event(["sender": #""@x:any.example""#]))
        #expect(facts.room == "!r:alpha.example" && facts.actor?.text == "@x:any.example" && facts.pdu != nil)
        let naming = Sample.event(["type": #""m.room.policy""#, "state_key": #""""#])
        #expect(RequestSample.fault("POST", "/_matrix/policy/v1/sign", naming) == .event(.malformed(.type)))
        #expect(RequestSample.fault("POST", "/_matrix/policy/v1/sign", "{}") == .event(.malformed(.type)))
    }

    @Test("requests without subject have no facts and no faults")
    func plain() throws {
        #expect(try RequestSample.facts("GET", Self.prefix + "version").room == nil)
        #expect(try RequestSample.facts("GET", Self.prefix + "publicRooms?limit=10").target == nil)
        #expect(try RequestSample.facts("PUT", Self.prefix + "send/1", Sample.transactionText()).pdu == nil)
        #expect(RequestSample.fault("PUT", Self.prefix + "send/1", "[]") == .body)
    }
}
