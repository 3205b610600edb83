// SPDX-License-Identifier: Apache-2.0

import Audit
import Testing

@Suite("AC-93 Every write and every sync fails once")
struct StoreFaultTests {
    /// Eight batches over several segments; a failed one is given up, and the store recovered until it works.
    private func work(_ disk: FaultyDisk) throws -> [ClosedRange<UInt64>] {
        let store = try Samples.open(disk, segmentLimit: 600)
        var acknowledged: [ClosedRange<UInt64>] = []
        for size in 1...8 {
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

                // A power cut now: what was acknowledged is durable, and the log goes on.
                let cut = FaultyDisk(disk.durable)
                let store = try Samples.open(cut, segmentLimit: 600)
                #expect(store.nextSequence == UInt64(log.records.count) + 1, context)
            }
        }
    }

    @Test(
        "a power cut after any failure loses nothing that was acknowledged and never forks",
        arguments: FaultyDisk.Harm.allCases)
    func powerCut(harm: FaultyDisk.Harm) throws {
        for operation in 3...40 {
            let disk = FaultyDisk()
            let store = try Samples.open(disk, segmentLimit: 600)
            disk.change { $0.failing[operation] = harm }
            var acknowledged: UInt64 = 0
            for size in 1...8 {
                do {
                    try store.append(Samples.batch(size))
                    acknowledged = store.nextSequence - 1
                    store.prepare()
                } catch {
                    break
                }
            }
            let cut = FaultyDisk(disk.durable)
            let reopened = try Samples.open(cut, segmentLimit: 600)
            // More is possible ("failed but stored"): a record without an effect.
            #expect(reopened.nextSequence > acknowledged, "operation \(operation)")
            try reopened.append(Samples.batch(1))
            let records = try Samples.read(cut).records
            #expect(records.map(\.sequence) == Array(1...reopened.nextSequence - 1), "operation \(operation)")
        }
    }

    @Test("a tail that changed beneath is not built upon")
    func changedBeneath() throws {
        let disk = FaultyDisk()
        let store = try Samples.open(disk)
        try store.append(Samples.batch(2))
        let name = try #require(disk.files.keys.first)
        disk.change { disk in
            disk.files[name] = disk.files[name].map { Array(Samples.content($0).dropLast(10)) }
        }
        #expect(throws: StoreFailure.self) { try store.append(Samples.batch(1)) }
        #expect(throws: StoreFailure.self) { try store.recover() }
    }
}
