// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import Testing

@testable import Audit

@Suite("A witness: C2SP tlog-witness")
struct WitnessLedgerTests {
    private let hasher = TreeHasher()
    private let directory = FileManager.default.temporaryDirectory.path + "/witness-\(UUID().uuidString)"
    private let log: LogKey
    private let witness: WitnessKey

    init() throws {
        log = try Samples.key()
        witness = try WitnessKey(parsing: CosignatureTests.secret)
    }

    private func leaves(_ count: Int, _ fork: Int = .max) -> [Digest] {
        (0..<count).map { hasher.leaf(Array("\($0 >= fork ? "other" : "entry") \($0)".utf8)) }
    }

    private func ledger(_ logs: [NoteKey]? = nil) throws -> WitnessLedger {
        try WitnessLedger(key: witness, logs: logs ?? [log.publicKey], directory: directory) { 1_700_000_000 }
    }

    /// - Parameter fork: from which entry on they are others.
    private func request(_ old: Int, _ size: Int, fork: Int = .max, by key: LogKey? = nil) throws -> AddCheckpoint {
        let leaves = leaves(size, fork)
        let key = key ?? log
        let checkpoint = Checkpoint(origin: key.name, size: UInt64(size), root: NaiveTree.root(leaves[...]))
        return AddCheckpoint(
            old: UInt64(old), proof: old == 0 ? [] : NaiveTree.consistency(old, leaves[...]),
            note: key.sign(checkpoint.text))
    }

    private func verdict(_ answer: WitnessLedger.Answer) -> WitnessVerdict? {
        if case .refused(let verdict) = answer { verdict } else { nil }
    }

    private func cosigned(_ answer: WitnessLedger.Answer, _ request: AddCheckpoint) throws -> Bool {
        guard case .cosigned(let line, _) = answer else { return false }
        let note = try SignedNote(parsing: request.note)
        return SignedNote(text: note.text, signatures: note.signatures + [line])
            .cosignature(by: witness.publicKey)?.time == 1_700_000_000
    }

    @Test("AC-91: a log that lost records, or went back, is not cosigned; one that goes on is")
    func regression() throws {
        let ledger = try ledger()
        for (old, size) in [(0, 5), (5, 9), (9, 9), (9, 700)] {
            let request = try request(old, size)
            #expect(try cosigned(ledger.add(request), request), "\(old) to \(size)")
        }
        #expect(try verdict(ledger.add(request(5, 9))) == .otherSize(700))
        #expect(try verdict(ledger.add(request(0, 9))) == .otherSize(700))
        #expect(try verdict(ledger.add(request(699, 699))) == .otherSize(700))
        // With the size that is known, the tree is smaller than that: no proof exists.
        let back = try request(0, 9)
        #expect(verdict(ledger.add(AddCheckpoint(old: 700, proof: [], note: back.note))) == .malformed)
        let next = try request(700, 701)
        #expect(try cosigned(ledger.add(next), next))
    }

    @Test("AC-92: a log that shows two trees gets a cosignature for one, and leaves evidence against itself")
    func fork() throws {
        let ledger = try ledger()
        let first = try request(0, 20)
        #expect(try cosigned(ledger.add(first), first))
        let other = try request(20, 20, fork: 10)
        guard case .fork(let shown, let known)? = verdict(ledger.add(other)) else {
            Issue.record("the fork was not noticed")
            return
        }
        #expect(shown.size == known.size && shown.root != known.root)
        let evidence = try #require(
            try SmallFile.read(WitnessLedger.evidenceName(log.name), in: directory, limit: 1 << 16))
        #expect(evidence == first.note + [0x0A] + other.note)
        // Grown, it has no proof.
        let grown = try request(20, 40, fork: 10)
        guard case .notProved? = verdict(ledger.add(grown)) else {
            Issue.record("the grown fork was not noticed")
            return
        }
        for round in 0..<200 {
            let proof = (0..<(round % 8)).map { hasher.leaf([UInt8($0), UInt8(round)]) }
            #expect(verdict(ledger.add(AddCheckpoint(old: 20, proof: proof, note: grown.note))) != nil)
        }
        let honest = try request(20, 40)
        #expect(try cosigned(ledger.add(honest), honest))
    }

    @Test("AC-92: of many who ask at once with two trees, only one tree is cosigned")
    func race() async throws {
        let ledger = try ledger()
        let requests = try [(0, Int.max), (0, 3), (0, 4), (0, 5)].map { try request($0.0, 30, fork: $0.1) }
        let roots = await withTaskGroup(of: Digest?.self) { group in
            for index in 0..<64 {
                group.addTask {
                    if case .cosigned(_, let checkpoint) = ledger.add(requests[index % 4]) {
                        checkpoint.root
                    } else {
                        nil
                    }
                }
            }
            return await group.reduce(into: Set<Digest>()) { if let root = $1 { $0.insert(root) } }
        }
        #expect(roots.count == 1)
    }

    @Test("AC-92: what was cosigned is remembered over a restart, and a memory that was altered is not used")
    func restart() throws {
        let first = try request(0, 20)
        do {
            let ledger = try ledger()
            #expect(try cosigned(ledger.add(first), first))
            #expect(throws: WitnessLedger.Fault.self, "one process at a time") { try self.ledger() }
        }
        do {
            let ledger = try ledger()
            #expect(ledger.sizes == [log.name: 20])
            #expect(try verdict(ledger.add(request(0, 20, fork: 3))) != nil)
        }
        let name = WitnessLedger.fileName(log.name)
        var bytes = try #require(try SmallFile.read(name, in: directory, limit: 1 << 16))
        bytes[bytes.count / 2] ^= 1
        try SmallFile.replace(name, in: directory, with: bytes)
        #expect(throws: WitnessLedger.Fault.memory(file: name, origin: log.name)) { try self.ledger() }
    }

    @Test("without its disk a witness cosigns nothing")
    func disk() throws {
        let ledger = try ledger()
        try FileManager.default.removeItem(atPath: directory)
        guard case .unavailable = ledger.add(try request(0, 5)) else {
            Issue.record("it was not stored, and cosigned")
            return
        }
        #expect(ledger.sizes == [log.name: 0])
    }

    @Test("unknown logs, wrong signatures and nonsense are told apart as the specification says")
    func refusals() throws {
        let ledger = try ledger()
        let stranger = try Samples.key("else/where", seed: 3)
        #expect(try verdict(ledger.add(request(0, 5, by: stranger))) == .unknownLog)
        #expect(try verdict(ledger.add(request(0, 5, by: try Samples.key(seed: 3)))) == .unsigned)
        #expect(verdict(ledger.add(AddCheckpoint(old: 0, proof: [], note: Array("x\n".utf8)))) == .malformed)
        let proof = [hasher.leaf([])]
        let note = try request(0, 5).note
        guard case .notProved? = verdict(ledger.add(AddCheckpoint(old: 0, proof: proof, note: note))) else {
            Issue.record("a proof from nothing was taken")
            return
        }
        #expect(throws: WitnessLedger.Fault.twoKeys(origin: log.name)) {
            try self.ledger([log.publicKey, try Samples.key(seed: 3).publicKey])
        }
    }

    @Test("a request is read as it was written; others are none")
    func requests() throws {
        let request = try request(5, 300)
        let read = try AddCheckpoint(parsing: request.bytes)
        #expect(read.old == 5 && read.proof == request.proof && read.note == request.note)
        let text = String(decoding: request.bytes, as: UTF8.self)
        #expect(text.hasPrefix("old 5\n"))
        for bad in [
            "", "old", "old 5", "old 5\n", text.replacing("old 5", with: "old 05"),
            text.replacing("old 5", with: "old"),
            text.replacing("old 5", with: "old -5"), text.replacing("old 5", with: "Old 5"),
            text.replacing("old 5", with: "old  5"), text.replacing("old 5\n", with: "old 5\nAAAA\n"),
            "old 0\n" + String(repeating: String(repeating: "A", count: 43) + "=\n", count: 64) + "\nx\n",
            text + String(repeating: "x", count: AddCheckpoint.byteLimit),
        ] {
            #expect(throws: AddCheckpoint.Malformed.self, "\(bad.prefix(30))") {
                try AddCheckpoint(parsing: Array(bad.utf8))
            }
        }
    }
}
