// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What the made-up states ask for, one after the other.
struct DemoScript {
    struct Scene {
        let who: String
        let asks: String
        let request: DemoRequest
    }

    private let home: ServerName
    private let now: Int64
    private let ally, guest, outcast, stranger: DemoPeer
    private static let hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"

    /// - Parameters:
    ///   - keys: the directory of the peers' key files.
    ///   - now: milliseconds since 1970.
    init(home: ServerName, keys: String, now: Int64) throws {
        self.home = home
        self.now = now
        ally = try DemoPeer("matrix.de.example", keys: keys)
        guest = try DemoPeer("matrix.no.example", keys: keys)
        outcast = try DemoPeer("matrix.aq.example", keys: keys)
        stranger = try DemoPeer("matrix.elsewhere.example", keys: keys)
    }

    func scenes() throws -> [Scene] {
        let elsewhere = try ServerName("matrix.be.example")
        return [
            Scene(who: "DE, ally", asks: "to invite Alice", request: try invitation(by: ally)),
            Scene(who: "DE, ally", asks: "to deliver a message", request: try message(by: ally)),
            Scene(who: "DE, ally", asks: "for Alice's profile", request: try profile(by: ally)),
            Scene(who: "DE, ally", asks: "to tell who is online", request: try presence(by: ally)),
            Scene(
                who: "DE, ally", asks: "to pass on a message of AQ",
                request: try message(by: ally, author: outcast)),
            Scene(who: "NO, guest", asks: "to join a room", request: try join(by: guest)),
            Scene(who: "NO, guest", asks: "to deliver a message", request: try message(by: guest)),
            Scene(who: "NO, guest", asks: "to invite Alice", request: try invitation(by: guest)),
            Scene(who: "NO, guest", asks: "for Alice's profile", request: try profile(by: guest)),
            Scene(who: "AQ, blocked", asks: "to deliver a message", request: try message(by: outcast)),
            Scene(who: "not listed", asks: "to deliver a message", request: try message(by: stranger)),
            Scene(
                who: "\"DE\", forged", asks: "to deliver a message",
                request: try message(by: stranger, origin: ally)),
            Scene(
                who: "DE, replayed", asks: "what it asked BE",
                request: try profile(by: ally, signedFor: elsewhere)),
        ]
    }

    private func invitation(by peer: DemoPeer) throws -> DemoRequest {
        let room = "!council:\(peer.name.text)"
        let event = event(in: room, by: peer, type: "m.room.member", content: #"{"membership":"invite"}"#, of: alice)
        let document = try JSONDocument(reading: Array(event.utf8))
        // Under the rules of the room version that the body names, an event's id is its hash.
        let id = RoomVersion("11").flatMap { EventForm(document.root, in: document, version: $0).eventID() } ?? ""
        return try peer.request(
            "PUT", "/_matrix/federation/v2/invite/\(escaped(room))/\(escaped(id))",
            #"{"event":\#(event),"invite_room_state":[],"room_version":"11"}"#, to: home)
    }

    private func message(
        by peer: DemoPeer, author: DemoPeer? = nil, origin: DemoPeer? = nil
    ) throws -> DemoRequest {
        let sender = origin ?? peer
        let text = #"{"body":"Bonjour","msgtype":"m.text"}"#
        let event = event(in: ourRoom, by: author ?? sender, type: "m.room.message", content: text)
        return try transaction(by: peer, origin: sender, pdus: event)
    }

    private func presence(by peer: DemoPeer) throws -> DemoRequest {
        let push = #"{"last_active_ago":1000,"presence":"online","user_id":"@bob:\#(peer.name.text)"}"#
        return try transaction(
            by: peer, origin: peer, edus: #"{"content":{"push":[\#(push)]},"edu_type":"m.presence"}"#)
    }

    private func profile(by peer: DemoPeer, signedFor destination: ServerName? = nil) throws -> DemoRequest {
        try peer.request(
            "GET", "/_matrix/federation/v1/query/profile?user_id=\(escaped(alice))", to: home, signedFor: destination)
    }

    private func join(by peer: DemoPeer) throws -> DemoRequest {
        let user = "@bob:\(peer.name.text)"
        return try peer.request(
            "GET", "/_matrix/federation/v1/make_join/\(escaped(ourRoom))/\(escaped(user))?ver=11", to: home)
    }

    private func transaction(
        by peer: DemoPeer, origin: DemoPeer, pdus: String = "", edus: String = ""
    ) throws -> DemoRequest {
        let content =
            #"{"edus":[\#(edus)],"origin":"\#(origin.name.text)","origin_server_ts":\#(now),"pdus":[\#(pdus)]}"#
        return try peer.request(
            "PUT", "/_matrix/federation/v1/send/demo\(UInt64.random(in: 0...UInt64.max))", content, to: home,
            origin: origin.name)
    }

    /// An event in form only: homeservers check events by their own signatures, and the stand-in checks nothing.
    private func event(
        in room: String, by author: DemoPeer, type: String, content: String, of subject: String? = nil
    ) -> String {
        let key = subject.map { #""state_key":"\#($0)","# } ?? ""
        let signature = #""\#(author.key.keyID.text)":"\#(Self.hash)\#(Self.hash)""#
        return #"{"auth_events":[],"content":\#(content),"depth":12,"hashes":{"sha256":"\#(Self.hash)"},"#
            + #""origin_server_ts":\#(now),"prev_events":[],"room_id":"\#(room)","#
            + #""sender":"@bob:\#(author.name.text)","signatures":{"\#(author.name.text)":{\#(signature)}},\#(key)"#
            + #""type":"\#(type)"}"#
    }

    private var alice: String { "@alice:\(home.text)" }
    private var ourRoom: String { "!hall:\(home.text)" }

    /// Percent-encoded as identifiers are in paths and queries.
    private func escaped(_ identifier: String) -> String {
        identifier.map { character in
            switch character {
            case "!": "%21"
            case "$": "%24"
            case "@": "%40"
            case ":": "%3A"
            default: String(character)
            }
        }.joined()
    }
}
