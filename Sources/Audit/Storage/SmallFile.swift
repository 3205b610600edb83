// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A small file beside the log that is replaced whole: after a crash it is the old one or the new one.
package enum SmallFile {
    /// Durable on return.
    package static func replace(_ name: String, in directory: String, with bytes: [UInt8]) throws(DiskFailure) {
        let path = directory + "/" + name
        let new = path + ".new"
        let file = try Descriptor(new, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, .create, file: name)
        try file.put(bytes, bytes.count, at: 0, file: name)
        try file.sync(file: name)
        guard unsafe rename(new, path) == 0 else { throw DiskFailure(.create, file: name, code: errno) }
        try Descriptor.syncDirectory(directory)
    }

    /// Its content; of a longer one `limit` bytes and one more, which whoever reads them finds too long. `nil`: no file.
    package static func read(_ name: String, in directory: String, limit: Int) throws(DiskFailure) -> [UInt8]? {
        let file: Descriptor
        do throws(DiskFailure) {
            file = try Descriptor(directory + "/" + name, O_RDONLY | O_NOFOLLOW, .open, file: name)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file.number, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw DiskFailure(.read, file: name, code: errno) }
        return Array(bytes[..<count])
    }
}
