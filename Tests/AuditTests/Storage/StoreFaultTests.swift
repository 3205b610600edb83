// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import Audit

@Suite("AC-93 Every write and every sync fails once")
struct StoreFaultTests {
    /// Batches over several bundles and files of the journal; a failed one is given up, and the store recovered until it
    /// works.
    private static let sizes = [1, 90, 3, 170, 40, 256, 7, 60]

    private func work(_ disk: FaultyDisk) throws -> [ClosedRange<UInt64>] {
        let store = try Samples.open(disk, journalBytes: 4000)
        var acknowledged: [ClosedRange<UInt64>] = []
        for size in Self.sizes {
            let first = store.nextSequence
            do {
                try store.append(Samples.batch(size, "batch \(size)"))
                acknowledged.append(first...first + UInt64(size) - 1)
                store.prepare()
            } catch {
                #expect(throws: StoreFailure.self, "untrusted until recovered") {
                    try store.append(Samples.batch(1))
                }
                for _ in 0..<5 where (try? store.recover()) != nil { break }
            }
        }
        return acknowledged
    }

    @Test(
        "what was acknowledged is there once and in order, failed and not stored, half stored, or stored all the same",
        arguments: FaultyDisk.Harm.allCases)
    func eachOperation(harm: FaultyDisk.Harm) throws {
        let healthy = FaultyDisk()
        let all = try work(healthy)
        #expect(all.count == 8)
        for operation in 1...healthy.operations + 4 {
            for alsoNext in [false, true] {
                let disk = FaultyDisk()
                disk.change { state in
                    state.failing[operation] = harm
                    if alsoNext { state.failing[operation + 1] = harm }
                }
                guard let acknowledged = try? work(disk) else {
                    // The log could not be begun; the next start begins it.
                    _ = try work(FaultyDisk(disk.durable))
                    continue
                }
                let context: Comment = "operation \(operation), \(harm), next too: \(alsoNext)"
                let log = try Samples.read(disk)
                #expect(log.records.map(\.sequence) == (1...UInt64(log.records.count)).map { $0 }, context)
                #expect(log.records.count == acknowledged.reduce(0) { $0 + $1.count }, context)
                let published = try checkpoint(disk.files)
                #expect(published.map { $0.root == root(log.records.prefix(Int($0.size))) } != false, context)

                // A power cut now: what was acknowledged is durable, and the log goes on.
                let cut = FaultyDisk(disk.durable)
                let store = try Samples.open(cut, journalBytes: 4000)
                #expect(store.nextSequence == UInt64(log.records.count) + 1, context)
                try store.append(Samples.batch(300))
                store.close()
                try expectWhole(cut, context)
            }
        }
    }

    @Test(
        "a power cut after any failure loses nothing that was acknowledged and never forks",
        arguments: FaultyDisk.Harm.allCases)
    func powerCut(harm: FaultyDisk.Harm) throws {
        for operation in 3...90 {
            let disk = FaultyDisk()
            let store = try Samples.open(disk, journalBytes: 4000)
            disk.change { $0.failing[operation] = harm }
            var acknowledged: UInt64 = 0
            for size in Self.sizes {
                do {
                    try store.append(Samples.batch(size))
                    acknowledged = store.nextSequence - 1
                    store.prepare()
                } catch {
                    break
                }
            }
            let cut = FaultyDisk(disk.durable)
            // What anybody may have seen before.
            let seen = try checkpoint(disk.files)
            let reopened = try Samples.open(cut, journalBytes: 4000)
            // More is possible ("failed but stored"): a record without an effect.
            #expect(reopened.nextSequence > acknowledged, "operation \(operation)")
            try reopened.append(Samples.batch(1))
            let records = try Samples.read(cut).records
            #expect(records.map(\.sequence) == Array(1...reopened.nextSequence - 1), "operation \(operation)")
            #expect(seen.map { $0.root == root(records.prefix(Int($0.size))) } != false, "operation \(operation)")
            reopened.close()
            try expectWhole(cut, "operation \(operation), \(harm)")
        }
    }

    private func checkpoint(_ files: [String: [UInt8]]) throws -> Checkpoint? {
        try files["checkpoint"].map { try Checkpoint(note: $0, signedBy: Samples.key().publicKey) }
    }

    private func root(_ records: some Sequence<LogReader.Entry>) -> Digest {
        let hasher = TreeHasher()
        var rows = TileRows()
        for record in records { _ = rows.append(hasher.leaf(record.record), hasher) }
        return rows.root(hasher)
    }

    /// The checkpoint and all tiles and bundles fit together.
    private func expectWhole(_ disk: FaultyDisk, _ context: Comment) throws {
        let outcome = try LogVerifier(disk, key: Samples.key().publicKey).run()
        #expect(outcome.fault == nil, context)
        #expect(outcome.behind == 0, context)
    }

    @Test("a tail that changed beneath is not built upon")
    func changedBeneath() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        try store.append(Samples.batch(2))
        let name = try #require(disk.journalFiles.keys.first)
        disk.change { disk in
            disk.files[name] = disk.files[name].map { Array(Samples.content($0).dropLast(10)) }
        }
        #expect(throws: StoreFailure.self) { try store.append(Samples.batch(1)) }
        #expect(throws: StoreFailure.self) { try store.recover() }
    }

    @Test("a checkpoint that cannot be written stops the log, and it goes on when it can be")
    func checkpointFails() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        try store.append(Samples.batch(2))
        disk.change { $0.isBroken = true }
        store.prepare()
        disk.change { $0.isBroken = false }
        #expect(throws: StoreFailure.self) { try store.append(Samples.batch(1)) }
        try store.recover()
        try store.append(Samples.batch(1))
        #expect(try checkpoint(disk.files)?.size == 2)
        store.prepare()
        #expect(try checkpoint(disk.files)?.size == 3)
    }
}
