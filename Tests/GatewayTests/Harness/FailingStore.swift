// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import Synchronization

/// Keeps records in memory, fails when told as a full disk does, and stands still when told.
///
/// `@unchecked Sendable`: all state is under the mutex, or that of the condition.
final class FailingStore: RecordStore, @unchecked Sendable {
    private struct State {
        var records: [String] = []
        var isBroken = false
    }

    private let state = Mutex(State())

    /// The records that were stored, as text without their numbers.
    var records: [String] { state.withLock { $0.records } }
    var nextSequence: UInt64 { state.withLock { UInt64($0.records.count) + 1 } }

    private let condition = NSCondition()
    nonisolated(unsafe) private var isHeld = false
    nonisolated(unsafe) private var waiting = 0

    /// Whether the writer stands in the middle of storing.
    var isStanding: Bool { condition.withLock { unsafe waiting > 0 } }

    /// From now on whatever is stored waits until it is let go.
    func hold(_ isHeld: Bool) {
        condition.withLock {
            unsafe self.isHeld = isHeld
            condition.broadcast()
        }
    }

    private func stand() {
        condition.withLock {
            unsafe waiting += 1
            while unsafe isHeld { condition.wait() }
            unsafe waiting -= 1
        }
    }

    func fail(_ isBroken: Bool) { state.withLock { $0.isBroken = isBroken } }

    private func check() throws(StoreFailure) {
        if state.withLock({ $0.isBroken }) { throw .disk(DiskFailure(.write, file: "test", code: 28)) }
    }

    func append(_ batch: borrowing RecordBatch) throws(StoreFailure) {
        stand()
        try check()
        var start = 0
        var texts: [String] = []
        for entry in batch.entries {
            texts.append(String(decoding: batch.bytes[start..<entry.end], as: UTF8.self))
            start = entry.end
        }
        state.withLock { $0.records += texts }
    }

    func prepare() {}
    func recover() throws(StoreFailure) { try check() }
    func noteUnavailable(_ record: [UInt8]) {}
    func close() {}
}
