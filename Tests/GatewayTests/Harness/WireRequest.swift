// SPDX-License-Identifier: Apache-2.0

import MatrixFederation

/// A request as it goes on the wire: every part can be made wrong.
struct WireRequest: Sendable {
    struct Field: Sendable {
        var name: String
        var value: [UInt8]
    }

    var method: String
    var target: String
    var version = "HTTP/1.1"
    var fields: [Field] = []
    var body: [UInt8] = []

    init(_ method: String, _ target: String, host: String = "home.example") {
        self.method = method
        self.target = target
        add("Host", host)
    }

    mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: Array(value.utf8)))
    }

    mutating func remove(_ name: String) { fields.removeAll { $0.name == name } }

    mutating func set(_ name: String, _ value: String) {
        remove(name)
        add(name, value)
    }

    /// The same with some change.
    func with(_ change: (inout WireRequest) -> Void) -> WireRequest {
        var copy = self
        change(&copy)
        return copy
    }

    var authorization: String {
        fields.first { $0.name == "Authorization" }.map { String(decoding: $0.value, as: UTF8.self) } ?? ""
    }

    var bytes: [UInt8] {
        var bytes = Array("\(method) \(target) \(version)\r\n".utf8)
        for field in fields { bytes += Array("\(field.name): ".utf8) + field.value + [13, 10] }
        return bytes + [13, 10] + body
    }
}

/// A remote server with a signing key; its name and its key's number belong together.
struct TestPeer: Sendable {
    let name: String
    let number: UInt8
    let keyID: String

    init(_ name: String, key number: UInt8, id keyID: String = "ed25519:k1") {
        self.name = name
        self.number = number
        self.keyID = keyID
    }

    /// May everything that the tests' policy grants.
    static let friend = TestPeer("friend.example", key: 1)
    /// May send and ask for keys, nothing else.
    static let limited = TestPeer("limited.example", key: 2)
    /// Its key is pinned in the tests' policy.
    static let pinned = TestPeer("pinned.example", key: 3)
    /// Listed, of a state that is refused.
    static let blocked = TestPeer("blocked.example", key: 4)
    /// Of the own state, where a test's policy lists it.
    static let sister = TestPeer("sister.example", key: 6)
    /// Not listed.
    static let stranger = TestPeer("stranger.example", key: 5)

    var signingKey: SigningKey {
        get throws { try SigningKey(seed: Array(repeating: number, count: 32).span, keyID: KeyID(keyID)) }
    }

    /// The value of the `Authorization` field.
    func authorization(
        _ method: String, _ target: String, _ body: [UInt8]? = nil, to destination: String = "home.example",
        origin: String? = nil
    ) throws -> String {
        let header = SignedRequest.header(
            method: method.utf8.span, uri: target.utf8.span, origin: try ServerName(origin ?? name),
            destination: try ServerName(destination), content: try body.map { try JSONDocument(reading: $0) },
            by: try signingKey)
        return String(decoding: header.fieldValue(), as: UTF8.self)
    }

    /// A signed request.
    ///
    /// - Parameters:
    ///   - body: JSON text.
    ///   - destination: what the signature covers, and the `Host` unless that is given.
    func request(
        _ method: String, _ target: String, _ body: String? = nil, to destination: String = "home.example",
        host: String? = nil
    ) throws -> WireRequest {
        let bytes = body.map { Array($0.utf8) }
        var request = WireRequest(method, target, host: host ?? destination)
        request.add("Authorization", try authorization(method, target, bytes, to: destination))
        if let bytes {
            request.add("Content-Type", "application/json")
            request.add("Content-Length", "\(bytes.count)")
            request.body = bytes
        }
        return request
    }

    /// A transaction with one message in a room.
    func transaction(_ id: String = "t1", text: String = "hello", to destination: String = "home.example") throws
        -> WireRequest
    {
        try request(
            "PUT", "/_matrix/federation/v1/send/\(id)", transactionText(text: text), to: destination)
    }

    func transactionText(text: String = "hello") -> String {
        let event =
            #"{"auth_events":["$a"],"content":{"body":"\#(text)","msgtype":"m.text"},"depth":12,"#
            + #""hashes":{"sha256":"x"},"origin_server_ts":1767225600000,"prev_events":["$b"],"#
            + #""room_id":"!r:\#(name)","sender":"@u:\#(name)","signatures":{},"type":"m.room.message"}"#
        return #"{"edus":[],"origin":"\#(name)","origin_server_ts":1767225600000,"pdus":[\#(event)]}"#
    }
}
