// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import Audit

@Suite("Cosignatures: C2SP tlog-cosignature")
struct CosignatureTests {
    // Made with another implementation of Ed25519, from the specification's text and the seed 00 01 … 1f.
    static let verifier = "witness.example.com/w1+a0059f11+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    static let secret = "PRIVATE+KEY+witness.example.com/w1+a0059f11+BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
    private static let time: Int64 = 1_679_315_147
    private static let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    private static let line =
        "— witness.example.com/w1 oAWfEQAAAABkGFDLBuRDazBLVac2NE+Y+IjbjQOcXLfF9CSDZVUIoS83rE1nFZsVE8YiWV6Ngr7lV8H6bdoBQGP/l73euDMQ9k+bBQ==\n"
    // The specification's own example: its keys were not published, its form was.
    private static let example =
        text
        + "\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        + "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"

    @Test("the message is the one of the specification, and a line of another implementation is made and believed")
    func vector() throws {
        #expect(
            String(decoding: Cosignature.message(Array(Self.text.utf8), at: Self.time), as: UTF8.self)
                == "cosignature/v1\ntime 1679315147\n" + Self.text)
        let key = try WitnessKey(parsing: Self.secret + "\n")
        #expect(key.publicKey.description == Self.verifier)
        #expect(key.cosign(Array(Self.text.utf8), at: Self.time).text == Self.line)
        let note = try SignedNote(parsing: Array((Self.text + "\n" + Self.line).utf8))
        let witness = try CosignerKey(parsing: Self.verifier)
        #expect(note.cosignature(by: witness)?.time == Self.time)
        #expect(note.bytes == Array((Self.text + "\n" + Self.line).utf8))
    }

    @Test("the example of the specification is read: its line has the layout that ours has")
    func example() throws {
        let note = try SignedNote(parsing: Array(Self.example.utf8))
        #expect(note.signatures.count == 2 && note.signatures[1].signature.count == 72)
        #expect(Array(note.signatures[1].signature.prefix(8)) == [0, 0, 0, 0, 0x64, 0x18, 0x50, 0xCB])
        #expect(note.bytes == Array(Self.example.utf8))
        #expect(note.cosignature(by: try CosignerKey(parsing: Self.verifier)) == nil, "it is by another key")
    }

    @Test("no bit of the text, of the time or of the signature can be changed")
    func tampering() throws {
        let witness = try CosignerKey(parsing: Self.verifier)
        let text = Array(Self.text.utf8)
        let line = try #require(try SignedNote.signatures(parsing: Array(Self.line.utf8)).first)
        #expect(Cosignature(line, of: text, by: witness) != nil)
        for bit in 0..<line.signature.count * 8 {
            var bytes = line.signature
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let changed = SignedNote.Line(name: line.name, id: line.id, signature: bytes)
            #expect(Cosignature(changed, of: text, by: witness) == nil, "bit \(bit)")
        }
        for bit in 0..<text.count * 8 {
            var bytes = text
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(Cosignature(line, of: bytes, by: witness) == nil, "bit \(bit)")
        }
        for length in [0, 1, 64, 71, 73, 2428] {
            let short = SignedNote.Line(
                name: line.name, id: line.id, signature: [UInt8](repeating: 0, count: length))
            #expect(Cosignature(short, of: text, by: witness) == nil)
        }
        let future = SignedNote.Line(
            name: line.name, id: line.id, signature: [0x80] + [UInt8](repeating: 0, count: 71))
        #expect(Cosignature(future, of: text, by: witness) == nil, "a time above 2^63 - 1")
    }

    @Test("a wrong line of the witness's own key spoils its others; lines of other keys do not")
    func mixture() throws {
        let witness = try CosignerKey(parsing: Self.verifier)
        let line = try #require(try SignedNote.signatures(parsing: Array(Self.line.utf8)).first)
        let wrong = SignedNote.Line(name: line.name, id: line.id, signature: [UInt8](repeating: 1, count: 72))
        let other = SignedNote.Line(name: line.name, id: line.id ^ 1, signature: [1])
        let text = Array(Self.text.utf8)
        #expect(SignedNote(text: text, signatures: [other, line, other]).cosignature(by: witness) != nil)
        #expect(SignedNote(text: text, signatures: [line, wrong]).cosignature(by: witness) == nil)
        #expect(SignedNote(text: text, signatures: [wrong, line]).cosignature(by: witness) == nil)
        #expect(SignedNote(text: text, signatures: [other]).cosignature(by: witness) == nil)
    }

    @Test("of several the latest counts; any text and time that is signed is believed, for any key")
    func properties() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = Dice(seed)
        for round in 0..<200 {
            let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let key = try WitnessKey(name: "w\(round).example", seed: bytes.span)
            let text =
                (0..<Int.random(in: 1...300, using: &generator)).map { _ in
                    UInt8.random(in: 0x20...0x7E, using: &generator)
                } + [0x0A]
            let times = (0..<3).map { _ in Int64.random(in: 0 ... .max, using: &generator) }
            let note = SignedNote(text: text, signatures: times.map { key.cosign(text, at: $0) })
            #expect(note.cosignature(by: key.publicKey)?.time == times.max(), "seed \(seed), round \(round)")
            let read = try SignedNote(parsing: note.bytes)
            #expect(read.signatures == note.signatures && read.text == text, "seed \(seed), round \(round)")
            #expect(try CosignerKey(parsing: "\(key.publicKey)") == key.publicKey)
        }
    }

    @Test("hostile lines and keys are refused, and none is fatal")
    func hostile() throws {
        let line = Self.line
        for bad in [
            "", "\n", "\n" + line, line + "\n", line + "x", String(line.dropLast()), line.replacing("— ", with: "-- "),
            line.replacing(" ", with: "  "), line.replacing("==\n", with: "=\n"), line.replacing("/w1", with: "/w+1"),
            line.replacing("/w1", with: "/w\u{0}1"), "— \n", "— a\n", "—  AAAA\n",
            String(repeating: line, count: SignedNote.signatureLimit + 1),
        ] {
            #expect(throws: SignedNote.Malformed.self, "\(bad.debugDescription)") {
                try SignedNote.signatures(parsing: Array(bad.utf8))
            }
        }
        #expect(throws: SignedNote.Malformed.characters) { try SignedNote.signatures(parsing: [0xFF, 0x0A]) }
        let log = try Samples.key().publicKey.description
        for bad in ["", "+", "++", log, Self.secret, Self.verifier + "A", Self.verifier.replacing("w1+", with: "w2+")] {
            #expect(throws: NoteKey.Malformed.self, "\(bad)") { try CosignerKey(parsing: bad) }
            #expect(throws: NoteKey.Malformed.self, "\(bad)") {
                try WitnessKey(parsing: bad == Self.secret ? Self.verifier : bad)
            }
        }
        #expect(throws: NoteKey.Malformed.self, "the key of a witness is none of a log") {
            try NoteKey(parsing: Self.verifier)
        }
        #expect(throws: NoteKey.Malformed.self) { try LogKey(parsing: Self.secret) }
        var generator = Dice(4)
        for _ in 0..<2000 {
            var bytes = Array(Self.example.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[.random(in: 0..<bytes.count, using: &generator)] = .random(in: .min ... .max, using: &generator)
            }
            _ = try? SignedNote(parsing: bytes)
            _ = try? SignedNote.signatures(parsing: bytes)
        }
    }
}
