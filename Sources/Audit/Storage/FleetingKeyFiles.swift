// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Keys that end with the process: for a log that is kept nowhere.
package final class FleetingKeyFiles: KeyFiles {
    private let files = Mutex<[String: [UInt8]]>([:])

    package let place = "memory"

    package init() {}

    package func names() throws(DiskFailure) -> [String] { files.withLock { $0.keys.sorted() } }

    package func read(_ name: String, limit: Int) throws(DiskFailure) -> [UInt8]? {
        files.withLock { $0[name].map { Array($0.prefix(limit + 1)) } }
    }

    package func create(_ name: String, _ bytes: [UInt8]) throws(DiskFailure) {
        files.withLock { $0[name] = bytes }
    }

    package func append(_ lines: [UInt8], to name: String, head: [UInt8]) throws(DiskFailure) {
        files.withLock { $0[name, default: head] += lines }
    }

    package func destroy(_ name: String) throws(DiskFailure) { files.withLock { $0[name] = nil } }
}
