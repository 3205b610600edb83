// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import Audit

@Suite("Signed notes and checkpoints: C2SP signed-note, tlog-checkpoint")
struct NoteTests {
    // The example of Go's `golang.org/x/mod/sumdb/note`.
    private static let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    private static let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    private static let text =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    private static let note =
        text
        + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

    @Test("the published key signs the published note, and the published public key verifies it")
    func vector() throws {
        let secret = try LogKey(parsing: Self.secret + "\n")
        #expect(secret.publicKey.description == Self.key)
        #expect(String(decoding: secret.sign(Array(Self.text.utf8)), as: UTF8.self) == Self.note)
        let note = try SignedNote(parsing: Array(Self.note.utf8))
        #expect(note.text == Array(Self.text.utf8))
        #expect(note.isSigned(by: try NoteKey(parsing: Self.key)))
        #expect(note.signatures.map(\.name) == ["PeterNeumann"])
    }

    @Test("the example of the specification is read, text with an empty line and letters beyond ASCII included")
    func specification() throws {
        let text = """
            Ognuno sta solo sul cuor della terra
            trafitto da un raggio di sole:

            ed è subito sera.

            — quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=

            """
        let note = try SignedNote(parsing: Array(text.utf8))
        #expect(note.signatures.map(\.id) == [0x367b_a04b])
        #expect(String(decoding: note.text, as: UTF8.self).hasSuffix("sera.\n"))
    }

    @Test("what is no note, or no key, is refused")
    func malformed() throws {
        let note = Self.note
        let bad: [String] = [
            "", "\n", "\n\n", Self.text, Self.text + "\n", String(note.dropLast()), note + "\n", note + "x\n",
            note.replacing("— ", with: "- "), note.replacing("—", with: "— "), note.replacing("AM=", with: "AM"),
            note.replacing("AM=", with: "AN="), note.replacing("/Z", with: "_Z"),
            note.replacing("is the", with: "is\u{0}the"),
            note.replacing("is the", with: "is\rthe"), note.replacing("PeterNeumann x", with: " x"),
            note.replacing("PeterNeumann x", with: "Peter+N x"),
            note.replacing("PeterNeumann x", with: "Peter\u{2003}N x"),
            Self.text + "\n— a AAAA\n", String(repeating: "a", count: SignedNote.byteLimit) + note,
            Self.text + "\n" + String(repeating: "— a AAAAAAA=\n", count: 33),
        ]
        for text in bad {
            #expect(throws: SignedNote.Malformed.self, "\(text.suffix(40))") {
                try SignedNote(parsing: Array(text.utf8))
            }
        }
        #expect(throws: SignedNote.Malformed.characters) { try SignedNote(parsing: [0xFF, 0x0A] + Array(note.utf8)) }
        for text in [
            "", "a+b", Self.key.replacing("c74f", with: "C74F"), Self.key.replacing("c74f", with: "c74e"),
            Self.key.replacing("Peter", with: "Pe ter"), Self.key.replacing("+AR", with: "+BR"), Self.key + "AAAA",
            String(repeating: "a", count: 2000),
        ] {
            #expect(throws: NoteKey.Malformed.self, "\(text.prefix(40))") { try NoteKey(parsing: text) }
        }
        #expect(throws: NoteKey.Malformed.self) { try LogKey(parsing: Self.key) }
        #expect(throws: NoteKey.Malformed.self) { try LogKey(parsing: Self.secret.replacing("c74f", with: "c74e")) }
    }

    @Test("signatures of others are ignored; a wrong one of the own key spoils the note, whatever else is there")
    func signatures() throws {
        let key = try NoteKey(parsing: Self.key)
        let other = "— witness.example/w x08gpAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
        #expect(try SignedNote(parsing: Array((Self.note + other).utf8)).isSigned(by: key))
        #expect(try !SignedNote(parsing: Array((Self.text + "\n" + other).utf8)).isSigned(by: key))
        let wrong = "— PeterNeumann x08gowAAAAA=\n"
        #expect(try !SignedNote(parsing: Array((Self.note + wrong).utf8)).isSigned(by: key))
        let changed = Self.note.replacing("think", with: "thing")
        #expect(try !SignedNote(parsing: Array(changed.utf8)).isSigned(by: key))
    }

    @Test("checkpoints are written as the specification shows them and read back; others are none")
    func checkpoints() throws {
        let example = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        let checkpoint = try #require(Checkpoint(text: Array(example.utf8)))
        #expect(checkpoint.origin == "example.com/behind-the-sofa" && checkpoint.size == 20_852_163)
        #expect(String(decoding: checkpoint.text, as: UTF8.self) == example)
        #expect(Checkpoint(text: Array((example + "an extension\n").utf8)) == checkpoint)
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
        for bad in [
            "", "\n", "a\n1\n", "a\n01\n\(root)\n", "a\n-1\n\(root)\n", "a\n+1\n\(root)\n", "a\n 1\n\(root)\n",
            "\n1\n\(root)\n",
            "a\n\n\(root)\n", "a\n1\n\(root)", "a\n1\n\(root)\n\n", "a\n1\n\(root.dropLast())\n", "a\n1\nAAAA\n",
            "a\n99999999999999999999\n\(root)\n", "a\n18446744073709551615\n\(root)\n",
            "a\n2000000000000000000\n\(root)\n",
        ] {
            #expect(Checkpoint(text: Array(bad.utf8)) == nil, "\(bad)")
        }
        #expect(Checkpoint(text: Array("a\n0\n\(root)\n".utf8))?.size == 0)
        #expect(Checkpoint(text: [0xC6] + Array("a\n0\n\(root)\n".utf8)) == nil, "a name that is no UTF-8")
    }

    @Test("a checkpoint of another log, or by another key, is not believed")
    func refusals() throws {
        let key = try Samples.key()
        let mine = Checkpoint(origin: key.name, size: 1, root: TreeHasher.empty)
        #expect(try Checkpoint(note: key.sign(mine.text), signedBy: key.publicKey) == mine)
        let theirs = Checkpoint(origin: "else/where", size: 1, root: TreeHasher.empty)
        #expect(throws: Checkpoint.Refusal.otherKey) {
            try Checkpoint(note: key.sign(theirs.text), signedBy: key.publicKey)
        }
        let other = try Samples.key(seed: 1)
        #expect(throws: Checkpoint.Refusal.unsigned) {
            try Checkpoint(note: other.sign(mine.text), signedBy: key.publicKey)
        }
        #expect(throws: Checkpoint.Refusal.malformed) { try Checkpoint(note: [1, 2, 3], signedBy: key.publicKey) }
    }
}
