// SPDX-License-Identifier: Apache-2.0

import Audit
import Testing

@Suite("The chain of records on disk")
struct ChainStoreTests {
    @Test("numbers records from 1 without a gap, across batches, segments and restarts")
    func numbers() throws {
        let disk = FaultyDisk()
        for _ in 0..<3 {
            let store = try Samples.open(disk, segmentLimit: 500)
            for size in 1...4 { try store.append(Samples.batch(size)) }
        }
        let (records, torn) = try Samples.read(disk)
        #expect(records.map(\.sequence) == Array(1...30))
        #expect(torn == 0)
        #expect(disk.files.count > 3)
    }

    @Test("a torn tail is cut at whatever byte the last write stopped, and nothing before it is lost")
    func tornTail() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        try store.append(Samples.batch(3, "durable"))
        let name = try #require(disk.files.keys.first)
        let before = try Samples.content(#require(disk.files[name]))
        try store.append(Samples.batch(3, "last"))
        let after = try Samples.content(#require(disk.files[name]))
        for (length, zeros) in (before.count...after.count).flatMap({ [($0, 0), ($0, 1), ($0, 700)] }) {
            let cut = FaultyDisk([name: after.prefix(length) + [UInt8](repeating: 0, count: zeros)])
            #expect(try Samples.read(cut).tornBytes <= after.count - before.count)
            let reopened = try Samples.open(cut)
            let whole = after.prefix(length).dropFirst(before.count).count { $0 == 0x0A }
            #expect(reopened.nextSequence == UInt64(4 + whole), "cut at \(length)")
            let last = after.prefix(length).lastIndex(of: 0x0A).map { $0 + 1 }
            #expect(reopened.cutBytes == length - (last ?? 0), "cut at \(length), \(zeros) zeros behind")
            try reopened.append(Samples.batch(1, "next"))
            let records = try Samples.read(cut).records
            #expect(records.map(\.sequence) == Array(1...UInt64(4 + whole)), "cut at \(length)")
        }
    }

    @Test("holes of zeros in the last batch are a torn tail, since later parts of it may reach the disk first")
    func holes() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        try store.append(Samples.batch(2, "durable"))
        let name = try #require(disk.files.keys.first)
        let before = try Samples.content(#require(disk.files[name])).count
        try store.append(Samples.batch(4, "last"))
        let after = try Samples.content(#require(disk.files[name]))
        for start in before..<after.count {
            for (length, zeros) in [(1, 0), (20, 0), (20, 600), (150, 0), (300, 600)] {
                var holed = after
                for index in start..<min(start + length, after.count) { holed[index] = 0 }
                let content = Samples.content(holed)
                let disk = FaultyDisk([name: content + [UInt8](repeating: 0, count: zeros)])
                let context: Comment = "\(length) bytes from \(start) of \(before)..<\(after.count)"
                let torn = try Samples.read(disk).tornBytes
                let reopened = try Samples.open(disk)
                #expect(reopened.nextSequence >= 3, context)
                #expect(reopened.cutBytes == torn, context)
                #expect(try Samples.read(disk).records.count + 1 == Int(reopened.nextSequence), context)
                try reopened.append(Samples.batch(1))
                #expect(try Samples.read(disk).tornBytes == 0, context)
            }
        }
    }

    @Test("a stop while a segment was begun leaves no trace, at whatever byte")
    func unbegunSegment() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk, segmentLimit: 300)
        try store.append(Samples.batch(4))
        try store.append(Samples.batch(1))
        let names = disk.files.keys.sorted()
        #expect(names.count == 2)
        let header = try #require(disk.files[names[1]]?.prefix { $0 != 0x0A })
        for length in 0...header.count {
            var files = disk.files
            files[names[1]] = Array(header.prefix(length)) + [UInt8](repeating: 0, count: header.count - length)
            if length % 2 == 0 { files[names[1]]?.removeLast(header.count - length) }
            let cut = FaultyDisk(files)
            let reopened = try Samples.open(cut, segmentLimit: 300)
            #expect(reopened.nextSequence == 5)
            try reopened.append(Samples.batch(1))
            #expect(try Samples.read(cut).records.count == 5)
        }
    }

    @Test("a log that is broken before its last sync is not opened, and the error says where and what to do")
    func brokenEarlier() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        for text in ["one", "two", "three"] { try store.append(Samples.batch(1, text)) }
        let name = try #require(disk.files.keys.first)
        var bytes = try #require(disk.files[name])
        let offset = try #require(bytes.firstRange(of: Array("two".utf8))).lowerBound
        bytes[offset] ^= 1
        let broken = FaultyDisk([name: bytes])
        let error = #expect(throws: StoreFailure.self) { try Samples.open(broken) }
        let text = try AuditOpenError.store(directory: "/log", #require(error)).description
        #expect(text.hasPrefix("/log/00000000000000000001.jsonl at byte "))
        #expect(text.contains("record 2: this line is not the one that was written"))
        #expect(text.contains("; the gateway does not start; keep a copy"))
        #expect(broken.files == broken.durable, "what is evidence stays as it is")
    }

    @Test("each flipped bit is noticed by the reader, or shows as a torn tail")
    func flippedBits() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk, segmentLimit: 400)
        for size in 1...3 { try store.append(Samples.batch(size)) }
        let files = disk.files
        #expect(files.count == 2)
        for (name, bytes) in files {
            for offset in bytes.indices {
                for bit in 0..<8 {
                    var flipped = files
                    flipped[name]?[offset] ^= 1 << bit
                    let result = Result { try Samples.read(FaultyDisk(flipped)) }
                    if case .success(let log) = result {
                        #expect(log.tornBytes > 0, "\(name) byte \(offset) bit \(bit)")
                    }
                }
            }
        }
    }

    @Test("a missing, swapped or foreign segment is noticed")
    func segments() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk, segmentLimit: 100)
        for _ in 0..<4 { try store.append(Samples.batch(1)) }
        let names = disk.files.keys.sorted()
        #expect(names.count == 4)
        for name in names.dropLast() {
            var files = disk.files
            files[name] = nil
            #expect(throws: StoreFailure.self) { try Samples.read(FaultyDisk(files)) }
        }
        var swapped = disk.files
        swapped[names[1]] = disk.files[names[2]]
        #expect(throws: StoreFailure.self) { try Samples.read(FaultyDisk(swapped)) }

        let foreign = FaultyDisk()
        let other = try ChainStore.open(
            foreign, segmentLimit: 100, reserve: 0, newLog: [UInt8](repeating: 1, count: 16))
        for _ in 0..<4 { try other.append(Samples.batch(1)) }
        var mixed = disk.files
        mixed[names[3]] = foreign.files[names[3]]
        #expect(throws: StoreFailure.self) { try Samples.read(FaultyDisk(mixed)) }
        #expect(throws: StoreFailure.self) { try Samples.open(FaultyDisk(mixed), segmentLimit: 100) }
    }
}
