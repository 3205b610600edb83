// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("Keys under a pass-phrase")
struct PassphraseBoxTests {
    private static let text = Array("beside".utf8)
    private let key: SigningKey
    private let box: PassphraseBox
    private let keyID: KeyID

    init() throws {
        keyID = try KeyID("ed25519:officer")
        key = try SigningKey.generate(keyID: keyID)
        let cheap = try #require(PassphraseBox.Cost(checking: 1, memoryBytes: 8 << 20))
        box = try #require(
            PassphraseBox(sealing: key, under: Self.passphrase("right"), cost: cheap, beside: Self.text))
    }

    private static func passphrase(_ text: String) throws -> Passphrase {
        var bytes = Array(text.utf8)
        return try #require(Passphrase(taking: &bytes))
    }

    @Test("no other pass-phrase opens the box, and no other text beside it")
    func wrong() throws {
        for other in ["wrong", "righ", "right ", "Right"] {
            #expect(box.open(with: try Self.passphrase(other), beside: Self.text, keyID: keyID) == nil)
        }
        #expect(box.open(with: try Self.passphrase("right"), beside: [], keyID: keyID) == nil)
        let opened = box.open(with: try Self.passphrase("right"), beside: Self.text, keyID: keyID)
        #expect(opened?.verifyKey == key.verifyKey)
    }

    @Test("a flipped bit anywhere keeps it shut")
    func flipped() throws {
        let passphrase = try Self.passphrase("right")
        func flip(_ bytes: [UInt8], _ at: Int) -> [UInt8] {
            var bytes = bytes
            bytes[at] ^= 1
            return bytes
        }
        for at in stride(from: 0, to: 48, by: 5) {
            let other = try #require(
                PassphraseBox(cost: box.cost, salt: box.salt, nonce: box.nonce, sealed: flip(box.sealed, at)))
            #expect(other.open(with: passphrase, beside: Self.text, keyID: keyID) == nil)
        }
        let salted = try #require(
            PassphraseBox(cost: box.cost, salt: flip(box.salt, 3), nonce: box.nonce, sealed: box.sealed))
        #expect(salted.open(with: passphrase, beside: Self.text, keyID: keyID) == nil)
        let nonced = try #require(
            PassphraseBox(cost: box.cost, salt: box.salt, nonce: flip(box.nonce, 3), sealed: box.sealed))
        #expect(nonced.open(with: passphrase, beside: Self.text, keyID: keyID) == nil)
        #expect(box.open(with: passphrase, beside: Self.text, keyID: keyID) != nil)
    }

    @Test("what a guess costs has bounds, so that a file cannot exhaust its reader")
    func bounds() {
        #expect(PassphraseBox.Cost(checking: 0, memoryBytes: 8 << 20) == nil)
        #expect(PassphraseBox.Cost(checking: 11, memoryBytes: 8 << 20) == nil)
        #expect(PassphraseBox.Cost(checking: 3, memoryBytes: (8 << 20) - 1) == nil)
        #expect(PassphraseBox.Cost(checking: 3, memoryBytes: (1 << 30) + 1) == nil)
        #expect(PassphraseBox.Cost(checking: 3, memoryBytes: 256 << 20) == .moderate)
    }

    @Test("taking a pass-phrase overwrites the bytes it came in; empty and endless ones are none")
    func taking() throws {
        var bytes = Array("secret".utf8)
        let passphrase = try #require(Passphrase(taking: &bytes))
        #expect(bytes == [UInt8](repeating: 0, count: 6) && passphrase.count == 6)
        #expect(passphrase.isSame(as: try Self.passphrase("secret")))
        #expect(!passphrase.isSame(as: try Self.passphrase("secreT")))
        var none: [UInt8] = []
        #expect(Passphrase(taking: &none) == nil)
        var endless = [UInt8](repeating: 65, count: 1025)
        #expect(Passphrase(taking: &endless) == nil && endless.allSatisfy { $0 == 0 })
    }
}
