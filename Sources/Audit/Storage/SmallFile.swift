// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A small file beside the log that is replaced whole: after a crash it is the old one or the new one.
package enum SmallFile {
    /// Durable on return.
    package static func replace(_ name: String, in directory: String, with bytes: [UInt8]) throws(DiskFailure) {
        let path = directory + "/" + name
        let new = path + ".new"
        let file = try Descriptor(new, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, .create, file: name)
        let count = unsafe bytes.withUnsafeBytes { unsafe pwrite(file.number, $0.baseAddress, $0.count, 0) }
        guard count == bytes.count else { throw DiskFailure(.write, file: name, code: count < 0 ? errno : ENOSPC) }
        guard fsync(file.number) == 0 else { throw DiskFailure(.sync, file: name, code: errno) }
        guard unsafe rename(new, path) == 0 else { throw DiskFailure(.create, file: name, code: errno) }
        let parent = try Descriptor(directory, O_RDONLY | O_DIRECTORY, .open, file: "")
        guard fsync(parent.number) == 0 else { throw DiskFailure(.sync, file: "", code: errno) }
    }
}
