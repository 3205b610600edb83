// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("Abuse of request authentication")
struct AuthenticationAbuseTests {
    let ours: ServerName
    let peer: ServerName
    let key: SigningKey
    let uri = Array("/_matrix/federation/v1/send/1".utf8)
    let method = Array("PUT".utf8)
    let content: JSONDocument

    init() throws {
        ours = try ServerName("ours.example")
        peer = try ServerName("peer.example")
        key = try SigningKey.generate(keyID: KeyID("ed25519:auto"))
        content = try JSONDocument(reading: Array(#"{"origin":"peer.example","pdus":[]}"#.utf8))
    }

    func header(signedFor destination: ServerName, by key: SigningKey? = nil) -> XMatrixHeader {
        SignedRequest.header(
            method: method.span, uri: uri.span, origin: peer, destination: destination, content: content,
            by: key ?? self.key)
    }

    func verify(
        _ headers: [XMatrixHeader], ownNames: [ServerName]? = nil, isDestinationRequired: Bool = true,
        knowing known: RequestKey? = nil
    ) throws -> AuthenticatedOrigin {
        let credentials = try XMatrixCredentials(parsing: headers.map { $0.fieldValue() })
        return try AuthenticatedOrigin.verify(
            method: method.span, uri: uri.span, content: content, credentials: credentials,
            ownNames: ownNames ?? [ours],
            isDestinationRequired: isDestinationRequired
        ) { _ in known ?? .valid(key.verifyKey) }
    }

    @Test("a genuine request is authenticated, and the proof names its origin, our name and the key")
    func control() throws {
        let proof = try verify([header(signedFor: ours)])
        #expect(proof.origin == peer)
        #expect(proof.destination == ours)
        #expect(proof.keyFingerprint == key.verifyKey.fingerprint)
        #expect(proof.header == header(signedFor: ours))
    }

    @Test("AC-01 a request signed for another server is refused, whatever its header says")
    func replayedElsewhere() throws {
        let other = try ServerName("other.example")
        let captured = header(signedFor: other)
        #expect(throws: AuthenticatedOrigin.Failure.destinationMismatch(other)) { try verify([captured]) }
        for destination in [ours, nil] {
            let relabelled = XMatrixHeader(
                origin: peer, destination: destination, key: captured.key, signature: captured.signature)
            #expect(throws: AuthenticatedOrigin.Failure.signatureInvalid) {
                try verify([relabelled], isDestinationRequired: false)
            }
        }
        // The key is not even looked for.
        #expect(throws: AuthenticatedOrigin.Failure.destinationMismatch(other)) {
            try verify([captured], knowing: .unknown)
        }
        #expect(try verify([captured], ownNames: [ours, other]).destination == other)
        #expect(AuthenticatedOrigin.Failure.destinationMismatch(other).status == 401)
    }

    @Test("AC-02 a request without destination is refused, unless old senders are accepted, and then only for our name")
    func missingDestination() throws {
        let signed = header(signedFor: ours)
        let legacy = XMatrixHeader(origin: peer, destination: nil, key: signed.key, signature: signed.signature)
        #expect(throws: AuthenticatedOrigin.Failure.destinationMissing) { try verify([legacy]) }
        #expect(try verify([legacy], isDestinationRequired: false).destination == ours)
        let second = try ServerName("second.example")
        #expect(throws: AuthenticatedOrigin.Failure.destinationMissing) {
            try verify([legacy], ownNames: [ours, second], isDestinationRequired: false)
        }
        #expect(throws: AuthenticatedOrigin.Failure.destinationMissing) {
            try verify([legacy], ownNames: [], isDestinationRequired: false)
        }
    }

    @Test(
        "AC-03 AC-04 AC-06 AC-07 AC-20 a key that is old, expired, unknown, in conflict, denied or not to be had is no key"
    )
    func unusableKeys() throws {
        let time = Timestamp(milliseconds: 1)
        let table: [(RequestKey, AuthenticatedOrigin.Failure, AuthenticationReason)] = [
            (.old(since: time), .keyOld(since: time), .keyOld),
            (.expired(since: time), .keyExpired(since: time), .keyExpired),
            (.unknown, .keyUnknown, .keyUnknown),
            (.conflicting, .keyConflict, .keyConflict),
            (.denylisted, .keyDenylisted, .keyDenylisted),
            (.responseInvalid, .keysResponseInvalid, .keysResponseInvalid),
            (.unavailable, .keysUnavailable, .keysUnavailable),
        ]
        for (known, failure, reason) in table {
            #expect(throws: failure) { try verify([header(signedFor: ours)], knowing: known) }
            #expect(failure.reason == reason && failure.status == 401)
        }
        #expect(throws: Never.self) { try verify([header(signedFor: ours)]) }
    }

    @Test("AC-06 a key of the same name on another server is another key")
    func keyIDConfusion() throws {
        let stranger = try SigningKey.generate(keyID: key.keyID)
        #expect(throws: AuthenticatedOrigin.Failure.signatureInvalid) {
            try verify([header(signedFor: ours, by: stranger)])
        }
    }

    @Test("AC-09 one wrong signature by a known key among several refuses the request; unknown keys are passed over")
    func severalSignatures() throws {
        let second = try SigningKey.generate(keyID: KeyID("ed25519:second"))
        let good = header(signedFor: ours)
        let alsoGood = header(signedFor: ours, by: second)
        let bad = XMatrixHeader(origin: peer, destination: ours, key: second.keyID, signature: good.signature)
        func verify(_ headers: [XMatrixHeader], secondIsKnown: Bool) throws -> AuthenticatedOrigin {
            let credentials = try XMatrixCredentials(parsing: headers.map { $0.fieldValue() })
            return try AuthenticatedOrigin.verify(
                method: method.span, uri: uri.span, content: content, credentials: credentials, ownNames: [ours]
            ) { name in
                name == key.keyID ? .valid(key.verifyKey) : secondIsKnown ? .valid(second.verifyKey) : .unknown
            }
        }
        #expect(try verify([good, alsoGood], secondIsKnown: true).header == good)
        #expect(throws: AuthenticatedOrigin.Failure.signatureInvalid) { try verify([good, bad], secondIsKnown: true) }
        #expect(throws: AuthenticatedOrigin.Failure.signatureInvalid) { try verify([bad, good], secondIsKnown: true) }
        #expect(try verify([bad, good], secondIsKnown: false).header == good)
        #expect(throws: AuthenticatedOrigin.Failure.keyUnknown) { try verify([bad], secondIsKnown: false) }
        let elsewhere = try ServerName("other.example")
        #expect(throws: AuthenticatedOrigin.Failure.destinationMismatch(elsewhere)) {
            try verify([good, header(signedFor: elsewhere, by: second)], secondIsKnown: true)
        }
    }

    @Test("each part of a request is covered by its signature")
    func everythingIsCovered() throws {
        let credentials = try XMatrixCredentials(parsing: [header(signedFor: ours).fieldValue()])
        let otherBody = try JSONDocument(reading: Array(#"{"origin":"peer.example","pdus":[1]}"#.utf8))
        let sameBody = try JSONDocument(reading: Array(#"{ "pdus":[], "origin":"peer\u002eexample"}"#.utf8))
        func verify(_ method: String, _ uri: String, _ content: JSONDocument?) -> Bool {
            let (method, uri) = (Array(method.utf8), Array(uri.utf8))
            let proof = try? AuthenticatedOrigin.verify(
                method: method.span, uri: uri.span, content: content, credentials: credentials,
                ownNames: [ours]
            ) { _ in .valid(key.verifyKey) }
            return proof != nil
        }
        let uri = String(decoding: uri, as: UTF8.self)
        #expect(verify("PUT", uri, content))
        #expect(verify("PUT", uri, sameBody))
        #expect(!verify("put", uri, content))
        #expect(!verify("POST", uri, content))
        #expect(!verify("PUT", uri + "/", content))
        #expect(!verify("PUT", uri + "?", content))
        #expect(!verify("PUT", uri.replacing("send", with: "%73end"), content))
        #expect(!verify("PUT", uri, otherBody))
        #expect(!verify("PUT", uri, nil))
    }
}
