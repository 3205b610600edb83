// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import TestKit
import Testing

@Suite("Published keys: Server-Server API, Publishing Keys")
struct ServerKeysTests {
    /// Requests that the reference accepts and the gateway refuses, with the rule of the protocol notes.
    static let stricter = ["float-valid-until": "section 8: numbers are integers outside of events"]

    @Test(
        "key documents are believed and refused as the reference does, with the cap of the specification",
        .enabled(if: Shared.isPresent))
    func vectors() throws {
        let file = try JSONDocument(reading: Array(Shared.bytes("spec/vectors/server_keys.json")))
        let now = Timestamp(
            milliseconds: try #require(file.member("now_ms", of: file.root).flatMap { file.integer($0) }))
        let vectors = try #require(file.member("vectors", of: file.root))
        for vector in file.elements(of: vectors) {
            let id = try #require(file.member("id", of: vector).flatMap { file.string($0) })
            let name = try #require(file.member("asked_for", of: vector).flatMap { file.string($0) })
            let response = try #require(file.member("response", of: vector))
            let document = try JSONDocument(reading: Array(file.bytes[file.rawRange(response)]))
            let keys = try? ServerKeys(verifying: document, askedFor: ServerName(name), fetchedAt: now)

            let synapse = try #require(file.member("synapse", of: vector))
            let outcome = try #require(file.member("outcome", of: synapse))
            guard file.stringEquals(outcome, "accept" as StaticString), Self.stricter[id] == nil else {
                #expect(keys == nil, "\(id)")
                continue
            }
            let found = try #require(keys, "\(id)")
            let validUntil = try #require(file.member("effective_valid_until_ts_by_spec", of: vector))
            #expect(found.validUntil.milliseconds == file.integer(validUntil), "\(id)")
            #expect(found.wasCapped == (id == "long-validity"), "\(id)")
            let expected = try #require(file.member("keys", of: synapse))
            var names: Set<String> = []
            for (key, value) in file.members(of: expected) {
                let keyID = try KeyID(try #require(file.string(key)))
                names.insert(keyID.text)
                if let old = found.old[keyID] {
                    #expect(old.expired.milliseconds == file.integer(value), "\(id)")
                } else {
                    #expect(found.current[keyID] != nil, "\(id)")
                }
            }
            #expect(names == Set(found.current.keys.map(\.text) + found.old.keys.map(\.text)), "\(id)")
        }
    }

    static let now = Timestamp(milliseconds: 1_767_225_600_000)

    /// A document signed by `signers` under `server`.
    static func document(
        server: String = "peer.example", keys: [SigningKey], old: [(SigningKey, Int64)] = [], validUntil: Int64? = nil,
        signers: [SigningKey]? = nil, more: String = ""
    ) throws -> JSONDocument {
        let current = keys.map { "\"\($0.keyID.text)\":{\"key\":\"\($0.verifyKey.base64)\"}" }
        let past = old.map {
            "\"\($0.0.keyID.text)\":{\"expired_ts\":\($0.1),\"key\":\"\($0.0.verifyKey.base64)\"}"
        }
        let body =
            "\"old_verify_keys\":{\(past.joined(separator: ","))},\"server_name\":\"\(server)\","
            + "\"valid_until_ts\":\(validUntil ?? now.milliseconds + 1000),"
            + "\"verify_keys\":{\(current.joined(separator: ","))}\(more)"
        let unsigned = try JSONDocument(reading: Array("{\(body)}".utf8))
        let message = unsigned.canonical(unsigned.root)
        let signatures = (signers ?? keys).map { "\"\($0.keyID.text)\":\"\(Base64.encode($0.sign(message)))\"" }
        let text = "{\(body),\"signatures\":{\"\(server)\":{\(signatures.joined(separator: ","))}}}"
        return try JSONDocument(reading: Array(text.utf8))
    }

    static func read(_ document: JSONDocument, _ server: String = "peer.example") throws -> ServerKeys {
        try ServerKeys(verifying: document, askedFor: ServerName(server), fetchedAt: now)
    }

    @Test("AC-03 a key listed as old is old for requests, also if it is listed as current, and still serves for events")
    func oldKeys() throws {
        let (current, old) = (try Self.key("a"), try Self.key("o"))
        let expired = Timestamp(milliseconds: 5000)
        let keys = try Self.read(Self.document(keys: [current], old: [(old, 5000)]))
        #expect(keys.key(old.keyID, forRequestAt: Self.now) == .old(since: expired))
        #expect(keys.key(current.keyID, forRequestAt: Self.now) == .valid(current.verifyKey))
        #expect(keys.key(old.keyID, forEventAt: expired, isValidityChecked: true) == old.verifyKey)
        let later = expired.advanced(byMilliseconds: 1)
        #expect(keys.key(old.keyID, forEventAt: later, isValidityChecked: true) == nil)
        #expect(keys.key(old.keyID, forEventAt: later, isValidityChecked: false) == old.verifyKey)

        let both = try Self.read(Self.document(keys: [current, old], old: [(old, 5000)]))
        #expect(both.key(old.keyID, forRequestAt: Self.now) == .old(since: expired))
    }

    @Test("AC-04 a key is valid up to the last millisecond of its validity and no longer")
    func expiry() throws {
        let key = try Self.key("a")
        let keys = try Self.read(Self.document(keys: [key], validUntil: Self.now.milliseconds))
        #expect(keys.key(key.keyID, forRequestAt: Self.now) == .valid(key.verifyKey))
        #expect(
            keys.key(key.keyID, forRequestAt: Self.now.advanced(byMilliseconds: 1)) == .expired(since: Self.now))
        #expect(try keys.key(KeyID("ed25519:other"), forRequestAt: Self.now) == .unknown)
    }

    @Test("AC-05 a validity far ahead is cut to seven days after the fetch")
    func cap() throws {
        let key = try Self.key("a")
        let week = Self.now.advanced(byMilliseconds: 7 * 86_400_000)
        for published in [week.milliseconds + 1, 9_007_199_254_740_991] {
            let keys = try Self.read(Self.document(keys: [key], validUntil: published))
            #expect(keys.validUntil == week)
            #expect(keys.wasCapped)
        }
        let exact = try Self.read(Self.document(keys: [key], validUntil: week.milliseconds))
        #expect(exact.validUntil == week && !exact.wasCapped)
    }

    @Test("AC-07 a document that lists a denylisted key as current is refused; as old it is not used")
    func denylisted() throws {
        let key = try Self.key("a")
        let bad = "l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og"
        let current = try Self.rewritten(
            key, #""verify_keys":{"ed25519:b":{"key":"\#(bad)"},"#, for: #""verify_keys":{"#)
        #expect(throws: ServerKeys.Invalid.key(try KeyID("ed25519:b"), .denylisted)) { try Self.read(current) }
        let old = try Self.rewritten(
            key, #""old_verify_keys":{"ed25519:b":{"expired_ts":9000000000000,"key":"\#(bad)"}"#,
            for: #""old_verify_keys":{"#)
        let keys = try Self.read(old)
        #expect(keys.old.isEmpty)
        #expect(try keys.key(KeyID("ed25519:b"), forRequestAt: Self.now) == .unknown)
        #expect(keys.key(key.keyID, forRequestAt: Self.now) == .valid(key.verifyKey))
    }

    @Test("AC-20 documents that are too large, too many keys, of another server or not signed are not used")
    func invalidDocuments() throws {
        let key = try Self.key("a")
        #expect(throws: Never.self) { try Self.read(Self.document(keys: [key])) }
        #expect(throws: ServerKeys.Invalid.serverName("other.example")) {
            try Self.read(Self.document(server: "other.example", keys: [key]))
        }
        #expect(throws: ServerKeys.Invalid.serverName("Peer.example")) {
            try Self.read(Self.document(server: "Peer.example", keys: [key]))
        }
        #expect(throws: ServerKeys.Invalid.unsigned) { try Self.read(Self.document(keys: [key], signers: [])) }
        let stranger = try Self.key("x")
        #expect(throws: ServerKeys.Invalid.unsigned) { try Self.read(Self.document(keys: [key], signers: [stranger])) }
        let impostor = try Self.key("a")
        #expect(throws: ServerKeys.Invalid.signature(key.keyID)) {
            try Self.read(Self.document(keys: [key], signers: [impostor]))
        }
        let (second, wrongSecond) = (try Self.key("b"), try Self.key("b"))
        #expect(throws: Never.self) { try Self.read(Self.document(keys: [key, second], signers: [key])) }
        #expect(throws: ServerKeys.Invalid.signature(second.keyID)) {
            try Self.read(Self.document(keys: [key, second], signers: [key, wrongSecond]))
        }

        let many = try (0..<64).map { try Self.key("k\($0)") }
        #expect(try Self.read(Self.document(keys: many, signers: [many[0]])).current.count == 64)
        #expect(throws: ServerKeys.Invalid.tooManyKeys(65)) {
            try Self.read(Self.document(keys: many, old: [(key, 1)], signers: [many[0]]))
        }
        let padding = ",\"x\":\"\(String(repeating: "x", count: 65_536))\""
        let large = try Self.document(keys: [key], more: padding)
        #expect(throws: ServerKeys.Invalid.tooLarge(bytes: large.bytes.count)) { try Self.read(large) }
        #expect(throws: JSONFault.self) { try JSONDocument(reading: large.bytes, limits: ServerKeys.limits) }
    }

    @Test(
        "AC-20 documents of another shape are refused",
        arguments: [
            "[]", "{}", "1", #"{"server_name":1}"#, #"{"server_name":"peer.example"}"#,
            #"{"server_name":"peer.example","valid_until_ts":"1"}"#,
            #"{"server_name":"peer.example","valid_until_ts":1,"verify_keys":[]}"#,
            #"{"server_name":"peer.example","valid_until_ts":1,"verify_keys":{"ed25519:a":"x"}}"#,
            #"{"server_name":"peer.example","valid_until_ts":1,"verify_keys":{},"old_verify_keys":1}"#,
            #"{"server_name":"peer.example","valid_until_ts":1,"verify_keys":{},"old_verify_keys":{"ed25519:a":{}}}"#,
            #"{"server_name":"peer.example","valid_until_ts":1,"verify_keys":{},"signatures":[]}"#,
            #"{"server_name":"peer.example","valid_until_ts":1,"verify_keys":{},"signatures":{"peer.example":1}}"#,
            #"{"server_name":"peer.example","valid_until_ts":99999999999999999999,"verify_keys":{}}"#,
        ])
    func shapes(text: String) throws {
        let document = try JSONDocument(reading: Array(text.utf8))
        #expect(throws: ServerKeys.Invalid.self) { try Self.read(document) }
    }

    static func key(_ version: String) throws -> SigningKey {
        try SigningKey.generate(keyID: KeyID("ed25519:\(version)"))
    }

    /// A document by `key` with one text replaced before signing.
    static func rewritten(_ key: SigningKey, _ new: String, for old: String) throws -> JSONDocument {
        let plain = try document(keys: [key])
        let body = plain.canonical(plain.root, omitting: ["signatures"])
        let text = String(decoding: body, as: UTF8.self).replacing(old, with: new, maxReplacements: 1)
        let changed = try JSONDocument(reading: Array(text.utf8))
        let signature = Base64.encode(key.sign(changed.canonical(changed.root)))
        let signed = text.dropLast() + #","signatures":{"peer.example":{"\#(key.keyID.text)":"\#(signature)"}}}"#
        return try JSONDocument(reading: Array(signed.utf8))
    }
}
