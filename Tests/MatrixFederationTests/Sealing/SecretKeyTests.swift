// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("Keys that seal and name")
struct SecretKeyTests {
    private static func key(_ byte: UInt8) throws -> SecretKey {
        var bytes = [UInt8](repeating: byte, count: 32)
        return try #require(SecretKey(taking: &bytes))
    }

    private func seal(_ clear: [UInt8], _ key: SecretKey) -> [UInt8]? { key.seal(clear.span, beside: text.span) }

    private func open(_ box: [UInt8], _ key: SecretKey, _ beside: [UInt8]? = nil) -> [UInt8]? {
        let text = beside ?? text
        return key.open(box.span, beside: text.span)
    }

    private let text = Array("beside".utf8)
    private let clear = Array("@alice:example.org".utf8)

    @Test("a box with one bit flipped, a part of it, another key and another text do not open")
    func hostile() throws {
        let key = try Self.key(1)
        let box = try #require(seal(clear, key))
        #expect(box.count == clear.count + SecretKey.boxOverhead)
        for bit in 0..<box.count * 8 {
            var changed = box
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(open(changed, key) == nil, "bit \(bit)")
        }
        for length in 0..<box.count {
            #expect(open(Array(box.prefix(length)), key) == nil)
        }
        #expect(open(box, key, Array("besides".utf8)) == nil)
        let another = try Self.key(2)
        #expect(open(box, another) == nil)
        #expect(open(box, key) == clear)
    }

    @Test("the same sealed twice makes two boxes; nothing is sealed and opened as nothing")
    func nonces() throws {
        let key = try Self.key(1)
        #expect(seal(clear, key) != seal(clear, key))
        let box = try #require(seal([], key))
        #expect(open(box, key) == [])
    }

    @Test("what is sealed to a public key opens with its secret part only, and only whole")
    func sealedKeys() throws {
        let (slice, auditor) = (try Self.key(3), try Self.key(4))
        let publicKey = try #require(auditor.x25519PublicKey)
        let sealed = try #require(slice.sealed(to: publicKey))
        #expect(sealed.count == SecretKey.sealedByteCount)
        for place in sealed.indices {
            var changed = sealed
            changed[place] ^= 0x40
            #expect(auditor.openKey(changed) == nil, "byte \(place)")
        }
        #expect(auditor.openKey(Array(sealed.dropLast())) == nil)
        let other = try Self.key(5)
        #expect(slice.openKey(sealed) == nil && other.openKey(sealed) == nil)
        #expect(auditor.openKey(sealed)?.copy() == slice.copy())
        // The points of small order, RFC 7748: with them everybody could open.
        for byte in [0, 1] as [UInt8] {
            #expect(slice.sealed(to: [byte] + [UInt8](repeating: 0, count: 31)) == nil)
        }
    }

    @Test("names are BLAKE2b-128 with key, and public parts X25519, as other programs compute them")
    func known() throws {
        // Python's hashlib and cryptography.
        let name = try Self.key(1).name(of: UInt8(ascii: "u"), "@alice:example.org")
        #expect(name.high == 0xCF8E_668E_8806_9747 && name.low == 0x1C1F_8948_28FA_64E6)
        let identifier = try Self.key(1).identifier(beside: text)
        #expect(identifier.high == 0x0759_8629_6662_E006 && identifier.low == 0x89C0_9D4A_E3C6_7AEE)
        let publicKey = try #require(try Self.key(0x42).x25519PublicKey)
        #expect(publicKey[..<8] == [0x13, 0x2C, 0x44, 0x2B, 0xE0, 0x10, 0xFB, 0xD5] && publicKey[31] == 0x72)
    }

    @Test("another kind, text or key makes another name")
    func names() throws {
        let names = Set([
            try Self.key(1).name(of: 0x75, "a"), try Self.key(1).name(of: 0x6D, "a"),
            try Self.key(1).name(of: 0x75, "b"),
            try Self.key(2).name(of: 0x75, "a"), try Self.key(1).name(of: 0x75, ""),
        ])
        #expect(names.count == 5)
    }

    @Test("two shares make the key, one is no part of it")
    func shares() throws {
        let (key, random) = (try Self.key(6), try #require(SecretKey.generate()))
        let other = try #require(key.combined(with: random))
        #expect(other.combined(with: random)?.copy() == key.copy())
        #expect(zip(other.copy(), key.copy()).filter { $0 == $1 }.count < 16)
    }

    @Test("a key has 32 bytes, and what it was made of is overwritten")
    func taking() throws {
        for count in [0, 31, 33] {
            var bytes = [UInt8](repeating: 9, count: count)
            #expect(SecretKey(taking: &bytes) == nil && bytes.allSatisfy { $0 == 0 })
        }
        var bytes = [UInt8](repeating: 9, count: 32)
        #expect(SecretKey(taking: &bytes)?.copy() == [UInt8](repeating: 9, count: 32) && bytes.allSatisfy { $0 == 0 })
    }
}
