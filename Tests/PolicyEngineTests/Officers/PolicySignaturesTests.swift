// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("The file of signatures")
struct PolicySignaturesTests {
    private static let signature = String(repeating: "A", count: 86)
    private static let line = "officer officer-a serial 42 ed25519 \(signature)\n"

    private func fault(_ text: String) -> Int? {
        do throws(MalformedLines) {
            _ = try PolicySignatures(parsing: Array(text.utf8))
            return nil
        } catch {
            return error.line
        }
    }

    @Test("AC-100 one line that is not right, and no signature of the file counts")
    func malformed() {
        let good = Self.line
        #expect(fault(good) == nil)
        for (bad, line) in [
            (good.dropLast(), 1), (good.dropLast(2) + "\n", 1),
            (good.replacing("officer officer-a", with: "officer"), 1),
            (good.replacing(" serial", with: "  serial"), 1), (" " + good, 1), (good.dropLast() + " \n", 1),
            (good.replacing("\n", with: "\r\n"), 1), (good + "\n", 2), (good.replacing("42", with: "042"), 1),
            (good.replacing("42", with: "+42"), 1), (good.replacing("42", with: "0"), 1),
            (good.replacing("42", with: "99999999999999999999"), 1), (good.replacing("ed25519", with: "rsa"), 1),
            (good.replacing("officer-a", with: "Officer-a"), 1), (good.replacing("officer-a", with: "öfficer"), 1),
            (good.dropLast() + "==\n", 1), (good.dropLast() + "B\n", 1), (good + good.replacing("A", with: "-"), 2),
            (good + "# a comment\n", 2), (good + good.replacing("serial", with: "serial\t"), 2),
            (good + "officer b serial 1 ed25519 \u{202E}\n", 2), (good + "\0", 2),
            (String(repeating: good, count: 65), 0), (String(repeating: "a", count: 1 << 20), 0),
            (String(repeating: " ", count: 10_000), 1),
        ] as [(any StringProtocol, Int)] {
            #expect(fault(String(bad)) == line, "\(String(bad).prefix(120))")
        }
    }

    @Test("an empty file holds no signatures")
    func empty() throws { #expect(try PolicySignatures(parsing: []).entries.isEmpty) }

    @Test("what is written is read the same, and files of several officers can be put together")
    func roundTrip() throws {
        let fixture = try OfficerFixture()
        let policy = try OfficerFixture.policy()
        let whole = try fixture.signatures(["officer-b", "officer-a"], policy)
        let read = try PolicySignatures(parsing: whole.bytes)
        #expect(read.bytes == whole.bytes && read.entries.map(\.officer.text) == ["officer-a", "officer-b"])
        let parts = try ["officer-a", "officer-b"].flatMap { try fixture.signatures([$0], policy).bytes }
        #expect(parts == whole.bytes)
    }

    @Test("signing again takes the place of the officer's signature of that serial, and of no other")
    func again() throws {
        let fixture = try OfficerFixture()
        let (old, new) = (try OfficerFixture.policy(serial: 41), try OfficerFixture.policy())
        var signatures = try fixture.signatures(["officer-a"], old)
        for _ in 0..<3 {
            signatures.put(
                try fixture.signature("officer-a", new), by: try OfficerFixture.name("officer-a"), serial: 42)
        }
        #expect(signatures.entries.count == 2 && signatures.of(serial: 41).count == 1)
        let union = PolicySignatures.union(signatures, 41, try fixture.signatures(["officer-b"], new), 42)
        #expect(union.of(serial: 41).map(\.officer.text) == ["officer-a"])
        #expect(union.of(serial: 42).map(\.officer.text) == ["officer-b"])
    }

    @Test("what is signed begins like nothing else, and names id, serial and bytes")
    func message() throws {
        let policy = try OfficerFixture.policy()
        let text = String(decoding: PolicySignatures.message(of: policy), as: UTF8.self)
        #expect(text == "entente policy signature 1\nid test\nserial 42\nsha256 \(policy.sha256.hex)\n")
    }
}

@Suite("An officer's key file")
struct OfficerKeyFileTests {
    private let file: OfficerKeyFile

    init() throws {
        let cheap = try #require(PassphraseBox.Cost(checking: 1, memoryBytes: 8 << 20))
        file = try #require(
            OfficerKeyFile(
                generatingFor: try OfficerFixture.name("officer-a"), under: try Self.passphrase("right"), cost: cheap))
    }

    private static func passphrase(_ text: String) throws -> Passphrase {
        var bytes = Array(text.utf8)
        return try #require(Passphrase(taking: &bytes))
    }

    @Test("is read as it was written, and opens with its pass-phrase only")
    func roundTrip() throws {
        let read = try OfficerKeyFile(parsing: file.bytes)
        #expect(read == file && read.name.text == "officer-a")
        #expect(read.unlock(with: try Self.passphrase("wrong")) == nil)
        let key = try #require(read.unlock(with: try Self.passphrase("right")))
        #expect(key.verifyKey == file.publicKey)
        #expect(file.bytes.count <= OfficerKeyFile.maxBytes)
    }

    @Test("another name or public key does not open: both are authenticated")
    func exchanged() throws {
        let text = String(decoding: file.bytes, as: UTF8.self)
        let right = try Self.passphrase("right")
        let renamed = try OfficerKeyFile(parsing: Array(text.replacing("officer-a", with: "officer-b").utf8))
        #expect(renamed.unlock(with: right) == nil)
        let other = try OfficerFixture().quorum.officers[OfficerFixture.name("officer-c")]
        let swapped = text.replacing(file.publicKey.base64, with: try #require(other).base64)
        #expect(try OfficerKeyFile(parsing: Array(swapped.utf8)).unlock(with: right) == nil)
        #expect(try OfficerKeyFile(parsing: Array(text.utf8)).unlock(with: right) != nil)
    }

    @Test("anything but the five lines is refused before a pass-phrase is tried")
    func malformed() throws {
        let text = String(decoding: file.bytes, as: UTF8.self)
        let lines = text.split(separator: "\n")
        var bad = [
            "", "\n", String(text.dropLast()), text + "\n", text + "more\n", text.replacing("key 1", with: "key 2"),
            text.replacing("name officer-a", with: "name Officer"), text.replacing("ed25519", with: "rsa"),
            text.replacing("argon2id13", with: "argon2i"), text.replacing("operations 1", with: "operations 01"),
            text.replacing("operations 1", with: "operations 1000"), text.replacing("memory 8388608", with: "memory 1"),
            text.replacing("memory 8388608", with: "memory 99999999999"),
            text.replacing("memory 8388608", with: "memory 999999999999999999999"),
            text.replacing("xchacha20poly1305", with: "none"), text.replacing("\n", with: "\r\n"),
            String(repeating: "a", count: 5000),
        ]
        for index in lines.indices {
            var fewer = lines
            fewer.remove(at: index)
            bad.append(fewer.joined(separator: "\n") + "\n")
            // A shorter name is a name.
            if index != 1 { bad.append(text.replacing(lines[index], with: lines[index].dropLast(2))) }
        }
        // Of several wrong lines the first one is named.
        var worse = lines
        for (index, what) in [
            (3, "no `passphrase argon2id13 operations N memory BYTES salt SALT`"), (2, "no `public ed25519 KEY`"),
            (1, "no `name NAME`"), (0, "it does not begin with `entente officer key 1`"),
        ] {
            worse[index] = "x"
            #expect(throws: MalformedLines(line: index + 1, what: what)) {
                try OfficerKeyFile(parsing: Array((worse.joined(separator: "\n") + "\n").utf8))
            }
        }
        for (index, text) in bad.enumerated() {
            #expect(throws: MalformedLines.self, "number \(index)") {
                try OfficerKeyFile(parsing: Array(text.utf8))
            }
        }
    }
}
