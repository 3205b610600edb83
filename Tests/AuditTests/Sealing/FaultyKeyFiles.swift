// SPDX-License-Identifier: Apache-2.0

import Synchronization

@testable import Audit

/// Files in memory; any next change can fail, done or half done.
final class FaultyKeyFiles: KeyFiles {
    enum Fault {
        /// Nothing of it is there.
        case undone
        /// The first half of an appended text is there.
        case half
        /// All of it is there.
        case done
    }

    let place = "keys"
    private let state = Mutex<(files: [String: [UInt8]], fault: Fault?, changes: Int)>(([:], nil, 0))

    var contents: [String: [UInt8]] {
        get { state.withLock { $0.files } }
        set { state.withLock { $0.files = newValue } }
    }

    /// Of all changes from now on.
    var fault: Fault? {
        get { state.withLock { $0.fault } }
        set { state.withLock { $0.fault = newValue } }
    }

    /// How many were tried.
    var changes: Int { state.withLock { $0.changes } }

    func names() throws(DiskFailure) -> [String] { contents.keys.sorted() }

    func read(_ name: String, limit: Int) throws(DiskFailure) -> [UInt8]? {
        contents[name].map { Array($0.prefix(limit + 1)) }
    }

    func create(_ name: String, _ bytes: [UInt8]) throws(DiskFailure) {
        // Whole files come by a rename: there is no half.
        try change(name) { files, fault in if fault != .undone { files[name] = bytes } }
    }

    func append(_ lines: [UInt8], to name: String, head: [UInt8]) throws(DiskFailure) {
        try change(name) { files, fault in
            var file = files[name] ?? []
            while let last = file.last, last != 0x0A { file.removeLast() }
            if file.isEmpty { file = head }
            switch fault {
            case nil, .done: files[name] = file + lines
            case .half: files[name] = file + lines.prefix(lines.count / 2)
            case .undone: break
            }
        }
    }

    func destroy(_ name: String) throws(DiskFailure) {
        try change(name) { files, fault in if fault != .undone { files[name] = nil } }
    }

    private func change(
        _ name: String, _ body: (inout [String: [UInt8]], Fault?) -> Void
    ) throws(DiskFailure) {
        let fault = state.withLock { state in
            state.changes += 1
            body(&state.files, state.fault)
            return state.fault
        }
        if fault != nil { throw DiskFailure(.write, file: name, code: 28) }
    }
}
