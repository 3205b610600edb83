// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import Testing

@Suite("Zeros that are written ahead of the records")
struct ReservedSpaceTests {
    private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    /// A log of single records, as its one file.
    private func log(_ texts: [String]) throws -> (name: String, content: [UInt8]) {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        for text in texts { try store.append(Samples.batch(1, text)) }
        let (name, file) = try #require(disk.journalFiles.first)
        return (name, Samples.content(file))
    }

    @Test("records fill them, and the file grows by steps only, the next one before the last is used up")
    func steps() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk, reserve: 1000)
        let name = try #require(disk.journalFiles.keys.first)
        var lengths: Set<Int> = []
        for _ in 0..<50 {
            try store.append(Samples.batch(1))
            store.prepare()
            let file = try #require(disk.files[name])
            lengths.insert(file.count)
            #expect(file.count - Samples.content(file).count >= 500)
        }
        #expect(lengths.count < 12)
        store.close()
        let file = try #require(disk.files[name])
        #expect(file == Samples.content(file), "a clean stop leaves none")
        #expect(disk.durable[name] == file)
    }

    @Test("they are the end of the log to the reader and after a kill, and are not counted as cut off")
    func end() throws {
        let (name, content) = try log(["one", "two"])
        for count in [1, 2, 511, 4096, 1 << 18, 1 << 20] {
            let disk = FaultyDisk([name: content + zeros(count)])
            #expect(try Samples.read(disk).tornBytes == 0)
            #expect(try Samples.read(disk).records.count == 2)
            let store = try Samples.open(disk)
            #expect(store.cutBytes == 0)
            #expect(store.nextSequence == 3)
        }
    }

    @Test("a byte that is not zero behind them is a torn write, whatever it is", arguments: [1, 0x0A, 0x7B, 0xFF])
    func byteBehind(byte: UInt8) throws {
        let (name, content) = try log(["one", "two"])
        for (before, after) in [(1, 0), (700, 0), (700, 700), (1 << 17, 1), (1 << 18, 1 << 18), ((1 << 18) - 1, 5)] {
            let disk = FaultyDisk([name: content + zeros(before) + [byte] + zeros(after)])
            let context: Comment = "\(before) before, \(after) behind"
            #expect(try Samples.read(disk).tornBytes == before + 1, context)
            let store = try Samples.open(disk)
            #expect(store.cutBytes == before + 1, context)
            #expect(store.nextSequence == 3, context)
        }
    }

    @Test("zeros in place of what was synced are damage, however many", arguments: [1, 20, 300, 70_000, 600_000])
    func damage(count: Int) throws {
        let long = String(repeating: "x", count: 60_000)
        let (name, content) = try log(["one"] + Array(repeating: long, count: 12) + ["last"])
        let start = try #require(content.firstRange(of: Array("one".utf8))).lowerBound
        for offset in [start, start + 100] {
            var damaged = content
            for index in offset..<offset + count { damaged[index] = 0 }
            let disk = FaultyDisk([name: damaged + zeros(5000)])
            #expect(throws: StoreFailure.self) { try Samples.read(disk) }
            #expect(throws: StoreFailure.self) { try Samples.open(disk) }
            #expect(disk.files[name] == damaged + zeros(5000), "what is evidence stays as it is")
        }
    }

    @Test("a torn batch that is longer than any line is cut, wherever its hole is")
    func longHole() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk, reserve: 1 << 20)
        try store.append(Samples.batch(1, "durable"))
        let name = try #require(disk.journalFiles.keys.first)
        let before = try Samples.content(#require(disk.files[name])).count
        try store.append(Samples.batch(8, String(repeating: "x", count: 60_000)))
        let after = try #require(disk.files[name])
        for (start, count) in [(0, 512), (0, 70_000), (0, 400_000), (512, 4096), (61_000, 200_000), (100_000, 300_000)]
        {
            var holed = after
            for index in before + start..<before + start + count { holed[index] = 0 }
            let cut = FaultyDisk([name: holed])
            let torn = try Samples.read(cut).tornBytes
            let reopened = try Samples.open(cut)
            #expect(reopened.nextSequence == 2, "\(count) from \(start)")
            #expect(reopened.cutBytes == torn && torn > 0)
        }
    }
}
