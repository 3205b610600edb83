// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import Audit

@Suite("The tree of records on disk")
struct TreeStoreTests {
    @Test("numbers records from 1 without a gap, across batches, journals, bundles and restarts")
    func numbers() throws {
        let disk = FaultyDisk()
        for _ in 0..<3 {
            let store = try Samples.open(disk, journalBytes: 5000)
            for size in 1...40 {
                try store.append(Samples.batch(size))
                store.prepare()
            }
        }
        let (records, torn) = try Samples.read(disk)
        #expect(records.map(\.sequence) == Array(1...2460))
        for entry in records {
            #expect(String(decoding: entry.record, as: UTF8.self) == #"{"a":"x","seq":\#(entry.sequence),"v":1}"#)
        }
        #expect(torn == 0)
        #expect(disk.journalFiles.count == 1)
        #expect(disk.files["tile/entries/000"] != nil)
        #expect(try Samples.read(disk, from: 700).records.map(\.sequence) == Array(700...2460))
        #expect(try Samples.read(disk, from: 2450).records.map(\.sequence) == Array(2450...2460))
        #expect(try Samples.read(disk, from: 2461).records.isEmpty)
    }

    @Test("the directory is that of C2SP tlog-tiles: names, widths and hashes")
    func layout() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        try store.append(Samples.batch(700))
        store.prepare()
        let names = disk.files.keys.filter { !$0.hasPrefix("journal.") }.sorted()
        #expect(
            names == [
                "checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2", "tile/entries/000",
                "tile/entries/001", "tile/entries/002.p/188", "verifier-key",
            ])
        let hasher = TreeHasher()
        let leaves = try Samples.read(disk).records.map { hasher.leaf($0.record) }
        #expect(disk.files["tile/0/001"] == leaves[256..<512].flatMap(\.bytes))
        #expect(disk.files["tile/0/002.p/188"] == leaves[512...].flatMap(\.bytes))
        let checkpoint = try Checkpoint(
            note: #require(disk.files["checkpoint"]), signedBy: Samples.key().publicKey)
        #expect(checkpoint.size == 700)
        #expect(checkpoint.root == NaiveTree.root(leaves[...]))
        #expect(TilePath.tile(3, 1_234_067) == "tile/3/x001/x234/067")
    }

    @Test("partial files of the last two checkpoints are there, older ones are gone")
    func partials() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        for _ in 0..<300 {
            try store.append(Samples.batch(1))
            store.prepare()
        }
        let partials = disk.files.keys.filter { $0.contains(".p/") }.sorted()
        #expect(
            partials == [
                "tile/0/001.p/43", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/43",
                "tile/entries/001.p/44",
            ])
    }

    @Test("a torn tail is cut at whatever byte the last write stopped, and nothing before it is lost")
    func tornTail() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        try store.append(Samples.batch(3, "durable"))
        let name = try #require(disk.journalFiles.keys.first)
        let before = try Samples.content(#require(disk.files[name]))
        try store.append(Samples.batch(3, "last"))
        let after = try Samples.content(#require(disk.files[name]))
        for (length, zeros) in (before.count...after.count).flatMap({ [($0, 0), ($0, 90)] }) {
            let cut = FaultyDisk([name: after.prefix(length) + [UInt8](repeating: 0, count: zeros)])
            let torn = try Samples.read(cut).tornBytes
            #expect(torn <= after.count - before.count)
            let reopened = try Samples.open(cut)
            let isWhole = length == after.count
            #expect(reopened.nextSequence == (isWhole ? 7 : 4), "cut at \(length)")
            #expect(reopened.cutBytes == torn)
            try reopened.append(Samples.batch(1, "next"))
            #expect(try Samples.read(cut).records.count == (isWhole ? 7 : 4), "cut at \(length)")
        }
    }

    @Test("holes of zeros in the last batch are a torn tail, since later parts of it may reach the disk first")
    func holes() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        try store.append(Samples.batch(2, "durable"))
        let name = try #require(disk.journalFiles.keys.first)
        let before = try Samples.content(#require(disk.files[name])).count
        try store.append(Samples.batch(4, "last"))
        let after = try Samples.content(#require(disk.files[name]))
        for start in before..<after.count {
            for (length, zeros) in [(1, 0), (20, 90), (300, 90)] {
                var holed = after
                for index in start..<min(start + length, after.count) { holed[index] = 0 }
                guard holed != after else { continue }
                let content = Samples.content(holed)
                let disk = FaultyDisk([name: content + [UInt8](repeating: 0, count: zeros)])
                let context: Comment = "\(length) bytes from \(start) of \(before)..<\(after.count)"
                let torn = try Samples.read(disk).tornBytes
                let reopened = try Samples.open(disk)
                #expect(reopened.nextSequence == 3, context)
                #expect(reopened.cutBytes == torn, context)
                try reopened.append(Samples.batch(1))
                #expect(try Samples.read(disk).tornBytes == 0, context)
            }
        }
    }

    @Test("a stop while the next file of the journal was begun leaves no trace, at whatever byte")
    func unbegunJournal() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk, journalBytes: 100_000)
        try store.append(Samples.batch(300))
        store.prepare()
        let old = disk.files
        try store.append(Samples.batch(4000))
        // The journal is not yet followed by the next.
        let before = disk.files
        store.prepare()
        let after = disk.files
        let name = try #require(disk.journalFiles.keys.first)
        let begun = try #require(after[name])
        #expect(old[name] == nil && before[name] == nil)
        for length in stride(from: 0, through: begun.count, by: 37) {
            for zeros in [0, begun.count - length] {
                var files = after
                files.merge(before.filter { $0.key.hasPrefix("journal.") }) { _, old in old }
                files[name] = Array(begun.prefix(length)) + [UInt8](repeating: 0, count: zeros)
                let cut = FaultyDisk(files)
                let reopened = try Samples.open(cut)
                #expect(reopened.nextSequence == 4301)
                #expect(cut.journalFiles.count == 1)
                try reopened.append(Samples.batch(1))
                #expect(try Samples.read(cut).records.count == 4301)
            }
        }
    }

    @Test("a stop while the first file of the journal was begun leaves no trace, at whatever byte")
    func unbegunLog() throws {
        let disk = FaultyDisk()
        _ = try Samples.open(disk)
        let (name, header) = try #require(disk.journalFiles.first)
        for length in 0...header.count {
            for zeros in [0, header.count - length] {
                let cut = FaultyDisk([name: Array(header.prefix(length)) + [UInt8](repeating: 0, count: zeros)])
                let store = try Samples.open(cut)
                try store.append(Samples.batch(1))
                #expect(try Samples.read(cut).records.count == 1)
            }
        }
    }

    @Test("a log that is broken before its last sync is not opened, and the error says where and what to do")
    func brokenEarlier() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        for text in ["one", "two", "three"] { try store.append(Samples.batch(1, text)) }
        let name = try #require(disk.journalFiles.keys.first)
        var bytes = try #require(disk.files[name])
        let offset = try #require(bytes.firstRange(of: Array("two".utf8))).lowerBound
        bytes[offset] ^= 1
        let broken = FaultyDisk([name: bytes])
        let error = #expect(throws: StoreFailure.self) { try Samples.open(broken) }
        let text = try AuditOpenError.store(directory: "/log", #require(error)).description
        #expect(text.hasPrefix("/log/journal.00000000000000000000 at byte "))
        #expect(text.contains(", record 2: the journal was altered here"))
        #expect(text.contains("; the gateway does not start; keep a copy"))
        #expect(broken.files == broken.durable, "what is evidence stays as it is")
        #expect(throws: StoreFailure.self) { try Samples.read(broken) }
    }
}

@Suite("A checkpoint that was published is never contradicted")
struct PublishedCheckpointTests {
    private func log(_ batches: Int = 8) throws -> FaultyDisk {
        let disk = FaultyDisk()
        let store = try Samples.open(disk, journalBytes: 20_000)
        for _ in 0..<batches {
            try store.append(Samples.batch(100))
            store.prepare()
        }
        try store.append(Samples.batch(5))
        store.close()
        return disk
    }

    private func fault(_ files: [String: [UInt8]], key: LogKey? = nil) throws -> LogFault.Kind? {
        let disk = FaultyDisk(files)
        let key = try key ?? Samples.key()
        do throws(StoreFailure) {
            var options = TreeStore.Options()
            options.checkpointMicroseconds = 0
            _ = try TreeStore.open(disk, key: key, options: options)
            return nil
        } catch {
            #expect(disk.files == files, "what is evidence stays as it is")
            if case .log(let fault) = error { return fault.kind }
            Issue.record(error)
            return nil
        }
    }

    @Test("records that were cut off behind it, another tree, another key, and files that are gone keep the log shut")
    func refusals() throws {
        let files = try log().files
        #expect(try fault(files) == nil)
        let name = try #require(files.keys.first { $0.hasPrefix("journal.") })
        var changed = files
        changed[name]?.removeLast(10)
        #expect(try fault(changed) == .checkpointAhead)
        changed = files
        changed[name] = nil
        #expect(try fault(changed) == .journalMissing)
        changed = files
        changed["checkpoint"] = nil
        #expect(try fault(changed) == .checkpointMissing)
        changed["checkpoint"] = Array("nothing\n".utf8)
        #expect(try fault(changed) == .checkpointMalformed)
        changed = files
        #expect(try fault(changed, key: Samples.key(seed: 8)) == .checkpointKey)
        #expect(try fault(changed, key: Samples.key("gw-2/test")) == .checkpointKey)
        let other = Checkpoint(origin: "gw-1/test", size: 805, root: TreeHasher.empty)
        changed["checkpoint"] = try Samples.key().sign(other.text)
        #expect(try fault(changed) == .checkpointRoot)
    }

    @Test("an older checkpoint of the same tree is taken, of another one not, also from before the journal")
    func older() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk, journalBytes: 20_000)
        var checkpoints: [[UInt8]] = []
        for _ in 0..<12 {
            try store.append(Samples.batch(100))
            store.prepare()
            checkpoints.append(try #require(disk.files["checkpoint"]))
        }
        store.close()
        for checkpoint in checkpoints {
            var files = disk.files
            files["checkpoint"] = checkpoint
            #expect(try fault(files) == nil)
            let old = try Checkpoint(note: checkpoint, signedBy: Samples.key().publicKey)
            let forged = Checkpoint(origin: old.origin, size: old.size, root: TreeHasher.empty)
            files["checkpoint"] = try Samples.key().sign(forged.text)
            #expect(try fault(files) == .checkpointRoot, "\(old.size)")
        }
    }
}
