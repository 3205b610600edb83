// SPDX-License-Identifier: Apache-2.0

import Audit
import Synchronization

/// A disk in memory that fails when told, in the ways disks fail, and keeps apart what a power cut would keep.
///
/// `@unchecked Sendable`: all state is under the mutex.
final class FaultyDisk: SegmentDisk, @unchecked Sendable {
    /// What a failing operation leaves behind.
    enum Harm: CaseIterable {
        case notStored, halfStored, stored
    }

    struct State {
        /// What a reader sees: the page cache.
        var files: [String: [UInt8]] = [:]
        /// What survives a power cut.
        var durable: [String: [UInt8]] = [:]
        var active: String?
        var emergency: [[UInt8]] = []
        /// Counts writes, syncs, creations and truncations.
        var operations = 0
        /// These operations fail, by count.
        var failing: [Int: Harm] = [:]
        /// Everything fails.
        var isBroken = false
    }

    private let state: Mutex<State>
    let code: Int32

    init(_ files: [String: [UInt8]] = [:], code: Int32 = 28) {
        var state = State()
        state.files = files
        state.durable = files
        self.state = Mutex(state)
        self.code = code
    }

    func change<Value>(_ body: (inout sending State) -> sending Value) -> sending Value { state.withLock(body) }

    var files: [String: [UInt8]] { state.withLock { $0.files } }
    var durable: [String: [UInt8]] { state.withLock { $0.durable } }
    var operations: Int { state.withLock { $0.operations } }
    var emergency: [[UInt8]] { state.withLock { $0.emergency } }

    private func run(
        _ operation: DiskFailure.Operation, _ body: @Sendable (inout State, Harm?) -> Void
    ) throws(DiskFailure) {
        let failed = state.withLock { state in
            state.operations += 1
            let harm = state.isBroken ? Harm.notStored : state.failing[state.operations]
            body(&state, harm)
            return harm != nil
        }
        if failed { throw DiskFailure(operation, file: "test", code: code) }
    }

    func segments() throws(DiskFailure) -> [String] { files.keys.sorted() }

    func length(of segment: String) throws(DiskFailure) -> Int {
        guard let file = files[segment] else { throw DiskFailure(.open, file: segment, code: 2) }
        return file.count
    }

    func read(_ segment: String, from offset: Int, count: Int, into buffer: inout [UInt8]) throws(DiskFailure) {
        guard let file = files[segment] else { throw DiskFailure(.open, file: segment, code: 2) }
        buffer.append(contentsOf: file.dropFirst(offset).prefix(count))
    }

    func remove(_ segment: String) throws(DiskFailure) {
        try run(.remove) { state, harm in
            guard harm != .notStored else { return }
            state.files[segment] = nil
            state.durable[segment] = nil
        }
    }

    func activate(_ segment: String, creating: Bool) throws(DiskFailure) {
        guard creating == (files[segment] == nil) else {
            throw DiskFailure(creating ? .create : .open, file: segment, code: creating ? 17 : 2)
        }
        if !creating {
            state.withLock { $0.active = segment }
            return
        }
        try run(.create) { state, harm in
            guard harm != .notStored else { return }
            state.files[segment] = []
            state.durable[segment] = []
            state.active = segment
        }
    }

    func append(_ bytes: [UInt8], at offset: Int) throws(DiskFailure) {
        guard let active = state.withLock({ $0.active }), files[active]?.count == offset else {
            throw DiskFailure(.write, file: "test", code: 0)
        }
        try run(.write) { state, harm in
            switch harm {
            case .notStored: break
            case .halfStored: state.files[active]?.append(contentsOf: bytes.prefix(bytes.count / 2))
            case .stored, nil: state.files[active]?.append(contentsOf: bytes)
            }
        }
    }

    func sync() throws(DiskFailure) {
        try run(.sync) { state, harm in
            guard let active = state.active, let file = state.files[active] else { return }
            let before = state.durable[active]?.count ?? 0
            switch harm {
            case .notStored: break
            case .halfStored: state.durable[active] = Array(file.prefix((before + file.count) / 2))
            case .stored, nil: state.durable[active] = file
            }
        }
    }

    func truncate(to length: Int) throws(DiskFailure) {
        try run(.truncate) { state, harm in
            guard harm != .notStored, let active = state.active else { return }
            state.files[active] = state.files[active].map { Array($0.prefix(length)) }
        }
    }

    func deactivate() { state.withLock { $0.active = nil } }

    func writeEmergency(_ line: [UInt8]) throws(DiskFailure) { state.withLock { $0.emergency.append(line) } }
}
