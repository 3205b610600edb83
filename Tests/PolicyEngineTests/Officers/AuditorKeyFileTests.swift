// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Auditors' keys in files")
struct AuditorKeyFileTests {
    private let key: AuditorKey
    private let cheap: PassphraseBox.Cost

    init() throws {
        // 32 bytes 0x42: the example identity of age's documentation, AGE-SECRET-KEY-1GFPYYSJZ….
        var bytes = [UInt8](repeating: 0x42, count: 32)
        key = try #require(SecretKey(taking: &bytes).flatMap { AuditorKey($0) })
        cheap = try #require(PassphraseBox.Cost(checking: 1, memoryBytes: 8 << 20))
    }

    private func passphrase(_ text: String) throws -> Passphrase {
        var bytes = Array(text.utf8)
        return try #require(Passphrase(taking: &bytes))
    }

    private func file(_ part: AuditorKeyFile.Part = .whole, _ secret: SecretKey? = nil) throws -> AuditorKeyFile {
        try #require(
            AuditorKeyFile(secret ?? key.secret, part, of: key.recipient, under: passphrase("right"), cost: cheap))
    }

    @Test("anything but the five lines is refused with its line, before a pass-phrase is tried")
    func malformed() throws {
        let whole = String(decoding: try file().bytes, as: UTF8.self)
        let lines = whole.split(separator: "\n").map(String.init)
        #expect(throws: MalformedLines(line: 1, what: "it does not begin with `entente auditor key 1`")) {
            try AuditorKeyFile(parsing: Array(whole.replacing("auditor", with: "officer").utf8))
        }
        // Of several wrong lines the first one is named.
        var worse = lines
        for (index, what) in [
            (4, "no `secret xchacha20poly1305 nonce NONCE sealed SECRET`, or salt too short"),
            (3, "no `passphrase argon2id13 operations N memory BYTES salt SALT`"),
            (2, "no `part N of M` of one or two"), (1, "no `recipient age1…`"),
        ] {
            worse[index] = "x"
            #expect(throws: MalformedLines(line: index + 1, what: what)) {
                try AuditorKeyFile(parsing: Array((worse.joined(separator: "\n") + "\n").utf8))
            }
        }
        #expect(throws: MalformedLines(line: 0, what: "it has not five lines")) {
            try AuditorKeyFile(parsing: Array((worse.dropLast().joined(separator: "\n") + "\n").utf8))
        }
        for (index, line) in lines.enumerated() {
            for wrong in [
                "", line + " x", String(line.dropLast()), "x" + line, line + "\n" + line, line.uppercased(),
                line.replacing("1 of 1", with: "1 of 3"), line.replacing("1 of 1", with: "2 of 1"),
                line.replacing("operations 1", with: "operations 999"), line.replacing("8388608", with: "99999999999"),
            ] where wrong != line {
                var changed = lines
                changed[index] = wrong
                #expect(throws: MalformedLines.self, "line \(index + 1): \(wrong)") {
                    try AuditorKeyFile(parsing: Array((changed.joined(separator: "\n") + "\n").utf8))
                }
            }
        }
        for bytes in [[], [0], [UInt8](repeating: 0x61, count: 5000), Array(whole.utf8.dropLast(10))] as [[UInt8]] {
            #expect(throws: MalformedLines.self) { try AuditorKeyFile(parsing: bytes) }
        }
    }

    @Test("opens with its pass-phrase only; another part or public key beside the secret keeps it shut")
    func opening() throws {
        let file = try file()
        let again = try AuditorKeyFile(parsing: file.bytes)
        #expect(again == file && again.recipient == key.recipient && again.part == .whole)
        #expect(again.unlock(with: try passphrase("right"))?.copy() == key.secret.copy())
        #expect(again.unlock(with: try passphrase("wrong")) == nil)
        let text = String(decoding: file.bytes, as: UTF8.self)
        let other = try #require(AuditorKey.generate()).recipient.text
        for changed in [
            text.replacing("1 of 1", with: "1 of 2"), text.replacing(key.recipient.text, with: other),
        ] {
            let file = try AuditorKeyFile(parsing: Array(changed.utf8))
            #expect(file.unlock(with: try passphrase("right")) == nil)
        }
    }

    @Test("two shares make the key; one, the same twice, or those of two keys do not")
    func shares() throws {
        let shares = try #require(key.shares)
        let (first, second) = (try file(.first, shares.first), try file(.second, shares.second))
        let right = try passphrase("right")
        let (one, two) = (try #require(first.unlock(with: right)), try #require(second.unlock(with: right)))
        #expect(AuditorKey(one, two, of: key.recipient)?.secret.copy() == key.secret.copy())
        #expect(AuditorKey(two, one, of: key.recipient) != nil)
        #expect(AuditorKey(one, one, of: key.recipient) == nil && AuditorKey(two, two, of: key.recipient) == nil)
        #expect(AuditorKey(one)?.recipient != key.recipient && AuditorKey(two)?.recipient != key.recipient)
        let others = try #require(key.shares)
        #expect(others.first.copy() != shares.first.copy(), "shares are made anew each time")
        #expect(AuditorKey(shares.first, others.second, of: key.recipient) == nil)
    }

    @Test("a public key is written as age writes it, and read back")
    func recipients() throws {
        #expect(key.recipient.text == "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")
        for _ in 0..<200 {
            let recipient = try #require(AuditorKey.generate()).recipient
            #expect(SealRecipient(recipient.text) == recipient)
        }
        #expect(SealRecipient(key: [UInt8](repeating: 0, count: 32)) == nil)
        #expect(SealRecipient(key: [9]) == nil)
    }
}
