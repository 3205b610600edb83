// SPDX-License-Identifier: Apache-2.0

import Audit
import Synchronization

/// A disk in memory that fails when told, in the ways disks fail, and keeps apart what a power cut would keep.
///
/// `@unchecked Sendable`: all state is under the mutex.
final class FaultyDisk: LogDisk, @unchecked Sendable {
    /// What a failing operation leaves behind.
    enum Harm: CaseIterable {
        case notStored, halfStored
        /// The later half, with what was there before, or zeros, in place of the earlier.
        case holed
        case stored
    }

    struct State {
        /// What a reader sees: the page cache.
        var files: [String: [UInt8]] = [:]
        /// What survives a power cut.
        var durable: [String: [UInt8]] = [:]
        var active: String?
        /// How long the active file is unless somebody else changed it.
        var length = 0
        /// What was written and not synced.
        var dirty = 0..<0
        /// Put whole and not yet durable, the oldest first.
        var unsettled: [String] = []
        var emergency: [[UInt8]] = []
        /// Counts writes, of zeros too, syncs, creations, truncations, whole files and their syncs.
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

    func journals() throws(DiskFailure) -> [String] { files.keys.filter { $0.hasPrefix("journal.") }.sorted() }

    func names(in path: String) throws(DiskFailure) -> [String] {
        Set(
            files.keys.filter { $0.hasPrefix(path + "/") }.map { name in
                String(name.dropFirst(path.utf8.count + 1).prefix { $0 != "/" })
            }
        ).sorted()
    }

    /// The files of the journal, and only those.
    var journalFiles: [String: [UInt8]] { files.filter { $0.key.hasPrefix("journal.") } }

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
            state.withLock { state in
                state.active = segment
                state.length = state.files[segment]?.count ?? 0
            }
            return
        }
        try run(.create) { state, harm in
            guard harm != .notStored else { return }
            state.files[segment] = []
            state.durable[segment] = []
            state.active = segment
            state.length = 0
            state.dirty = 0..<0
        }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(DiskFailure) {
        guard let active = reaching(offset) else { throw DiskFailure(.write, file: "test", code: 0) }
        try run(.write) { state, harm in
            state.dirty = offset..<offset + bytes.count
            let kept = Self.part(state.dirty, harm)
            Self.put(
                bytes[kept.lowerBound - offset..<kept.upperBound - offset], at: kept.lowerBound, &state.files[active])
            state.length = state.files[active]?.count ?? 0
        }
        try sync()
    }

    func extend(to length: Int) throws(DiskFailure) {
        guard let active = reaching(0) else { throw DiskFailure(.write, file: "test", code: 0) }
        try run(.write) { state, harm in
            let kept = Self.part(state.length..<max(length, state.length), harm)
            Self.put([], at: kept.upperBound, &state.files[active])
            state.length = state.files[active]?.count ?? 0
        }
    }

    /// The active file, if it has the length that it was left at and reaches to `offset`.
    private func reaching(_ offset: Int) -> String? {
        state.withLock { state in
            guard let active = state.active, state.files[active]?.count == state.length, offset <= state.length else {
                return nil
            }
            return active
        }
    }

    private static func part(_ range: Range<Int>, _ harm: Harm?) -> Range<Int> {
        let middle = (range.lowerBound + range.upperBound) / 2
        return switch harm {
        case .notStored: range.lowerBound..<range.lowerBound
        case .halfStored: range.lowerBound..<middle
        case .holed: middle..<range.upperBound
        case .stored, nil: range
        }
    }

    private static func put(_ bytes: ArraySlice<UInt8>, at offset: Int, _ file: inout [UInt8]?) {
        var content = file ?? []
        let end = offset + bytes.count
        if content.count < end { content.append(contentsOf: repeatElement(0, count: end - content.count)) }
        content.replaceSubrange(offset..<end, with: bytes)
        file = content
    }

    func sync() throws(DiskFailure) {
        try run(.sync) { state, harm in
            guard let active = state.active, let file = state.files[active] else { return }
            if harm == nil || harm == .stored {
                state.durable[active] = file
            } else {
                let kept = Self.part(state.dirty.clamped(to: 0..<file.count), harm)
                if !kept.isEmpty { Self.put(file[kept], at: kept.lowerBound, &state.durable[active]) }
            }
            if harm == nil { state.dirty = 0..<0 }
        }
    }

    func truncate(to length: Int) throws(DiskFailure) {
        try run(.truncate) { state, harm in
            guard harm != .notStored, let active = state.active else { return }
            state.files[active] = state.files[active].map { Array($0.prefix(length)) }
            state.length = state.files[active]?.count ?? 0
        }
    }

    /// A file that is not durable yet may have its name after a power cut and only a half of its bytes.
    func put(_ bytes: [UInt8], at path: String, durably: Bool) throws(DiskFailure) {
        try run(.write) { state, harm in
            guard harm != .notStored, harm != .halfStored, harm != .holed else { return }
            state.files[path] = bytes
            if durably {
                state.durable[path] = bytes
            } else {
                state.durable[path] = Array(bytes.prefix(bytes.count / 2))
                state.unsettled.append(path)
            }
        }
    }

    func settle(atMost most: Int) throws(DiskFailure) {
        for path in state.withLock({ Array($0.unsettled.prefix(most)) }) {
            try run(.sync) { state, harm in
                if harm == nil || harm == .stored { state.durable[path] = state.files[path] }
                if harm == nil { state.unsettled.removeFirst() }
            }
        }
    }

    var unsettled: Int { state.withLock { $0.unsettled.count } }

    func discard(_ path: String) {
        state.withLock { state in
            state.files[path] = nil
            state.durable[path] = nil
        }
    }

    func deactivate() { state.withLock { $0.active = nil } }

    func writeEmergency(_ line: [UInt8]) throws(DiskFailure) { state.withLock { $0.emergency.append(line) } }
}
