// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing

@Suite("Signing: Appendices, Signing JSON and Unpadded Base64")
struct SigningTests {
    @Test("base64 of the appendix is written and read, with padding and without", .enabled(if: Shared.isPresent))
    func appendixBase64() throws {
        for vector in try Shared.vectors("spec_appendix") where vector["kind"] as? String == "unpadded_base64" {
            let text = Array(try #require(vector["input_text"] as? String).utf8)
            let encoded = try #require(vector["encoded"] as? String)
            #expect(Base64.encode(text) == encoded)
            #expect(Base64.decode(encoded) == text)
            let padded = encoded + String(repeating: "=", count: (4 - encoded.count % 4) % 4)
            #expect(Base64.decode(padded) == text)
        }
    }

    @Test("base64 has one alphabet at a time, right padding and no stray bits")
    func strictBase64() {
        let bytes: [UInt8] = [0xFB, 0xEF, 0xFF]
        #expect(Base64.encode(bytes) == "++//")
        #expect(Base64.encode(bytes, .urlSafe) == "--__")
        #expect(Base64.decode("++//") == bytes)
        #expect(Base64.decode("--__") == bytes)
        for text in ["+-//", "A", "AA=", "AAA==", "AA===", "=", "AB", "AAB", "A A=", "AAAA=", "AAAA====", "ÄAAA"] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
        for length in 0..<70 {
            let random = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 11) }
            #expect(Base64.decode(Base64.encode(random)) == random)
            #expect(Base64.encode(random) == Data(random).base64EncodedString().replacing("=", with: ""))
        }
    }

    @Test("what is written in base64 is read back, at every length")
    func base64RoundTrip() {
        var generator = SplitMix(seed: .random(in: 0...UInt64.max))
        for length in 0..<100 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            for alphabet in [Base64.Alphabet.standard, .urlSafe] {
                let text = Base64.encode(bytes, alphabet)
                #expect(Base64.decode(text) == bytes, "seed \(generator.seed)")
                #expect(text.utf8.count == (length * 4 + 2) / 3)
            }
        }
    }

    @Test("SHA-256 gives the digests of FIPS 180-4, at once and in parts")
    func digests() throws {
        let expected = [
            "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ]
        for (text, hex) in expected {
            let digest = SHA256.hash(Array(text.utf8))
            #expect(digest.hex == hex)
            guard var stream = SHA256Stream() else { throw CancellationError() }
            for byte in text.utf8 { stream.update([byte].span) }
            let streamed = stream.finish()
            #expect(streamed == digest)
            #expect(Base64.decode(digest.base64) == digest.bytes)
            #expect(Base64.decode(digest.base64URL) == digest.bytes)
            let copy = Digest(digest.bytes.span)
            #expect(copy == digest)
        }
        let short = Digest([1, 2, 3].span)
        #expect(short == nil)
    }

    static func appendixKey() throws -> SigningKey {
        try SigningKey(parsing: Array("ed25519 1 YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1".utf8).span)
    }

    @Test("the signed objects of the appendix are signed and verified", .enabled(if: Shared.isPresent))
    func appendixSigning() throws {
        let key = try Self.appendixKey()
        #expect(key.verifyKey.base64 == "XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI")
        var count = 0
        for vector in try Shared.vectors("spec_appendix") where vector["kind"] as? String == "json_signing" {
            let signed = try JSONSerialization.data(withJSONObject: try #require(vector["signed"]))
            let document = try JSONDocument(reading: Array(signed))
            let message = SignedJSON.message(of: document.root, in: document)
            #expect(String(decoding: message, as: UTF8.self) == vector["message"] as? String)
            let (server, keyID) = (try ServerName("domain"), try KeyID("ed25519:1"))
            let signature = try #require(SignedJSON.signature(on: document.root, in: document, by: server, keyID))
            #expect(key.verifyKey.isValid(signature: signature, of: message))
            #expect(key.sign(message) == signature.bytes)
            count += 1
        }
        #expect(count == 2)
    }

    static func signature(_ bytes: [UInt8]) throws -> Signature {
        let signature = Signature(bytes.span)
        return try #require(signature)
    }

    @Test("AC-08 a changed message, signature or key does not verify, nor does the same point with a higher scalar")
    func malleability() throws {
        let key = try Self.appendixKey()
        let message = Array("to be signed".utf8)
        let good = key.sign(message)
        let signature = try Self.signature(good)
        #expect(key.verifyKey.isValid(signature: signature, of: message))

        #expect(!key.verifyKey.isValid(signature: signature, of: message + [0]))
        #expect(!key.verifyKey.isValid(signature: signature, of: []))
        for offset in [0, 31, 32, 63] {
            var bad = good
            bad[offset] ^= 1
            #expect(!key.verifyKey.isValid(signature: try Self.signature(bad), of: message))
        }
        // S + L: satisfies the equation, is another text of the same signature. RFC 8032 section 8.4.
        let order: [UInt8] = [
            0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0, 0, 0, 0,
            0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ]
        var malleated = good
        var carry = 0
        for offset in 0..<32 {
            let sum = Int(good[32 + offset]) + Int(order[offset]) + carry
            malleated[32 + offset] = UInt8(truncatingIfNeeded: sum)
            carry = sum >> 8
        }
        #expect(carry == 0)
        #expect(!key.verifyKey.isValid(signature: try Self.signature(malleated), of: message))
        #expect(
            !key.verifyKey.isValid(
                signature: try Self.signature([UInt8](repeating: 0, count: 64)), of: message))
    }

    @Test("AC-08 keys of small order and keys in another form than the canonical one are no keys")
    func badPoints() throws {
        let hexadecimal = [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            // On no curve.
            "0200000000000000000000000000000000000000000000000000000000000000",
        ]
        for text in hexadecimal {
            let digits = Array(text)
            let bytes = try stride(from: 0, to: 64, by: 2).map {
                try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16))
            }
            #expect(throws: VerifyKey.Malformed.notAKey, "\(text)") { try VerifyKey(bytes.span) }
        }
        #expect(throws: VerifyKey.Malformed.length(31)) { try VerifyKey([UInt8](repeating: 1, count: 31).span) }
        #expect(try VerifyKey(Self.appendixKey().verifyKey.bytes.span) == Self.appendixKey().verifyKey)
    }

    @Test("AC-07 the key that a product shipped to everybody is no key")
    func knownSecret() {
        for text in ["l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og", "l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og="] {
            #expect(throws: VerifyKey.Malformed.denylisted) { try VerifyKey(base64: text) }
        }
        #expect(throws: Never.self) { try VerifyKey(base64: "XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI") }
    }

    @Test("the key table of the vectors holds together", .enabled(if: Shared.isPresent))
    func keyTable() throws {
        let file = try JSONSerialization.jsonObject(with: Shared.bytes("spec/vectors/keys.json")) as? [String: Any]
        for entry in try #require(file?["keys"] as? [[String: Any]]) {
            let text = try #require(entry["seed"] as? String)
            let seed = try #require(Base64.decode(text))
            let keyID = try KeyID(try #require(entry["key_id"] as? String))
            let key = try SigningKey(seed: seed.span, keyID: keyID)
            #expect(key.verifyKey.base64 == entry["public_key"] as? String)
        }
    }

    @Test("a key file's line is read and written again")
    func keyFile() throws {
        let line = "ed25519 1 YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1\n"
        let key = try SigningKey(parsing: Array("  \(line)".utf8).span)
        #expect(key.keyID.text == "ed25519:1")
        #expect(try key.verifyKey == Self.appendixKey().verifyKey)
        #expect(String(decoding: key.fileLine(), as: UTF8.self) == line.replacing("XA1", with: "XA0"))
        let generated = try SigningKey.generate(keyID: KeyID("ed25519:new"))
        #expect(try SigningKey(parsing: generated.fileLine().span).verifyKey == generated.verifyKey)
        #expect(throws: SigningKey.Malformed.line) { try SigningKey(parsing: Array("ed25519 1".utf8).span) }
        #expect(throws: SigningKey.Malformed.line) { try SigningKey(parsing: Array("rsa 1 AAAA".utf8).span) }
        #expect(throws: SigningKey.Malformed.seed) { try SigningKey(parsing: Array("ed25519 1 AAAA".utf8).span) }
        #expect(throws: SigningKey.Malformed.keyID(.version)) {
            try SigningKey(parsing: Array("ed25519 a-b AAAA".utf8).span)
        }
    }
}
