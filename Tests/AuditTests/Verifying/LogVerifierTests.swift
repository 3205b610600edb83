// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import Audit

@Suite("AC-91 Whatever was altered in a log is noticed by whoever has the public key")
struct LogVerifierTests {
    private static let size = 700

    /// A log of 700 records that was closed, with checkpoints as they were published.
    private func log() throws -> (files: [String: [UInt8]], checkpoints: [Checkpoint]) {
        let disk = FaultyDisk()
        let store = try Samples.open(disk, journalBytes: 6000)
        var checkpoints: [Checkpoint] = []
        for batch in 0..<70 {
            try store.append(Samples.batch(10, "batch \(batch)"))
            store.prepare()
            checkpoints.append(
                try Checkpoint(note: #require(disk.files["checkpoint"]), signedBy: Samples.key().publicKey))
        }
        store.close()
        return (disk.files, checkpoints)
    }

    private func verify(_ files: [String: [UInt8]], since: [Checkpoint] = []) throws -> LogVerifier.Outcome {
        try LogVerifier(FaultyDisk(files), key: Samples.key().publicKey).run(since: since)
    }

    @Test("a whole log verifies, also without its journal, and continues each checkpoint that was saved")
    func whole() throws {
        let (files, checkpoints) = try log()
        for files in [files, files.filter { !$0.key.hasPrefix("journal.") }] {
            let outcome = try verify(files, since: checkpoints)
            #expect(outcome.fault == nil)
            #expect(outcome.verified == 700 && outcome.behind == 0 && outcome.tornBytes == 0)
        }
    }

    @Test(
        "records behind the checkpoint are counted, and a copy that lacks the last partial files is read by its journal"
    )
    func behind() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk, checkpoints: .max)
        try store.append(Samples.batch(300))
        store.prepare()
        try store.append(Samples.batch(20))
        store.prepare()
        var outcome = try verify(disk.files)
        #expect(outcome.fault == nil && outcome.verified == 300 && outcome.behind == 20)
        var files = disk.files
        for name in files.keys where name.contains(".p/") { files[name] = nil }
        outcome = try verify(files)
        #expect(outcome.fault == nil && outcome.verified == 300 && outcome.behind == 20)
    }

    @Test("2,000 random corruptions of any file: none is unnoticed, and the first record is named rightly")
    func corruptions() throws {
        let files = try log().files
        let names = files.keys.sorted()
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(seed)
        for round in 0..<2000 {
            var changed = files
            let name = names[Int(random.next() % UInt64(names.count))]
            var bytes = try #require(files[name])
            let at = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 5 {
            case 0: bytes[at] ^= 1 << UInt8(random.next() % 8)
            case 1: bytes.removeSubrange(at..<min(at + 1 + Int(random.next() % 40), bytes.count))
            case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
            case 3: bytes.swapAt(at, Int(random.next() % UInt64(bytes.count)))
            default: bytes = Array(bytes.prefix(at))
            }
            if bytes == files[name] { continue }
            changed[name] = bytes
            let fault = try verify(changed).fault
            #expect(fault != nil, "seed \(seed), round \(round), \(name)")
            if let sequence = fault?.sequence { #expect(sequence <= 701) }
        }
    }

    @Test("a journal that was cut off behind a whole batch is noticed")
    func shortJournal() throws {
        var files = try log().files
        let name = try #require(files.keys.filter { $0.hasPrefix("journal.") }.max())
        let whole = try #require(files[name])
        let frames = whole.indices.filter { whole[$0...].starts(with: JournalFrame.magic) }
        for start in frames {
            files[name] = Array(whole.prefix(start))
            #expect(try verify(files).fault != nil, "at \(start)")
        }
        #expect(!frames.isEmpty)
    }

    @Test("one flipped bit in a record names this record, and one in a hash the record that it is of")
    func flippedBits() throws {
        let files = try log().files
        for sequence in [1, 255, 256, 257, 512, 513, 700] {
            let (bundle, place) = ((sequence - 1) / 256, (sequence - 1) % 256)
            for (level, name) in [TilePath.entries(UInt64(bundle)), TilePath.tile(0, UInt64(bundle))].enumerated() {
                let path = bundle < 2 ? name : name + ".p/188"
                var changed = files
                let bytes = try #require(files[path])
                let entries = EntryBundle.ranges(bytes.span)
                let offset = level == 0 ? try #require(entries)[place].lowerBound : 32 * place
                changed[path]?[offset] ^= 4
                let fault = try #require(try verify(changed).fault)
                #expect(fault.sequence == UInt64(sequence))
            }
        }
    }

    @Test("each missing file is noticed")
    func missing() throws {
        let files = try log().files
        for name in files.keys where !name.hasPrefix("journal.") && name != LogLayout.verifierKey {
            var changed = files
            changed[name] = nil
            // The journal holds what partial files hold.
            for journal in files.keys where journal.hasPrefix("journal.") { changed[journal] = nil }
            let fault = try verify(changed).fault
            if name.hasPrefix("tile/1") || name.hasPrefix("tile/0/002.p") || name.contains("002.p/178") {
                continue
            }
            #expect(fault != nil, "\(name)")
        }
        var changed = files
        changed["tile/entries/001"] = nil
        #expect(try verify(changed).fault == LogFault(.fileMissing, "tile/entries/001", sequence: 257))
    }

    @Test("yesterday's copy, and a log that forks at any record, contradict a checkpoint that was saved")
    func rollbackAndFork() throws {
        let (files, checkpoints) = try log()
        let saved = try #require(checkpoints.last)
        // Yesterday's copy is whole in itself.
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        for batch in 0..<40 { try store.append(Samples.batch(10, "batch \(batch)")) }
        store.close()
        #expect(try verify(disk.files).fault == nil)
        let fault = try #require(try verify(disk.files, since: [saved]).fault)
        #expect(fault.kind == .savedAhead && fault.sequence == 401)

        // A fork by somebody who has the key, too.
        let forked = FaultyDisk()
        let other = try Samples.open(forked)
        for batch in 0..<80 { try other.append(Samples.batch(10, batch < 33 ? "batch \(batch)" : "other \(batch)")) }
        other.close()
        #expect(try verify(forked.files).fault == nil)
        let fork = try #require(try verify(forked.files, since: checkpoints).fault)
        #expect(fork.kind == .savedRoot && fork.sequence == 331 && fork.upTo == 340)

        // By somebody who has not: the tree is made anew, the checkpoint is not.
        var unsigned = forked.files
        unsigned["checkpoint"] = files["checkpoint"]
        #expect(try verify(unsigned).fault != nil)
    }

    @Test("another key verifies nothing")
    func otherKey() throws {
        let files = try log().files.filter { $0.key != LogLayout.verifierKey }
        let key = try Samples.key(seed: 9).publicKey
        let outcome = try LogVerifier(FaultyDisk(files), key: key).run()
        #expect(outcome.fault?.kind == .checkpointKey && outcome.verified == 0)
    }
}

@Suite("A proof of one record")
struct RecordProofTests {
    private func log(_ size: Int) throws -> FaultyDisk {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        try store.append(Samples.batch(size, "x"))
        store.close()
        return disk
    }

    @Test("is accepted for each record of a log, and is short")
    func accepted() throws {
        let key = try Samples.key().publicKey
        for size in [1, 2, 255, 256, 257, 600] {
            let disk = try log(size)
            for sequence in Set([1, 2, size / 2 + 1, size - 1, size]).filter({ $0 > 0 && $0 <= size }) {
                let proof = try RecordProof(UInt64(sequence), in: disk, key: key)
                let again = try RecordProof(parsing: proof.text)
                #expect(try again.check(key).size == UInt64(size))
                #expect(again.text == proof.text)
                #expect(proof.text.count < 1200)
            }
            #expect(throws: StoreFailure.self) { try RecordProof(UInt64(size) + 1, in: disk, key: key) }
            #expect(throws: StoreFailure.self) { try RecordProof(0, in: disk, key: key) }
        }
    }

    @Test("one that was altered anywhere is refused, and so is one for another key")
    func refused() throws {
        let key = try Samples.key().publicKey
        let text = try RecordProof(300, in: log(600), key: key).text
        for at in text.indices {
            for bit in [0, 5] as [UInt8] {
                var changed = text
                changed[at] ^= 1 << bit
                let isProved = (try? RecordProof(parsing: changed).check(key)) != nil
                #expect(!isProved, "byte \(at), bit \(bit)")
            }
        }
        let other = try Samples.key(seed: 9).publicKey
        #expect(throws: RecordProof.Refusal.checkpoint(.unsigned)) { try RecordProof(parsing: text).check(other) }
        let words = String(decoding: text, as: UTF8.self)
        let unseparated = Array(words.replacing("\n\n", with: "\n", maxReplacements: 1).utf8)
        for bad in [
            [], Array("c2sp.org/tlog-proof@v1\n".utf8), Array(text.dropLast(200)), Array(repeating: 10, count: 999),
            unseparated,
        ] {
            #expect(throws: RecordProof.Refusal.self) { try RecordProof(parsing: bad).check(key) }
        }
    }
}

/// Numbers that come again with the same seed.
struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
