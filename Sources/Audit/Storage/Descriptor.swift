// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Owns one file descriptor; closed exactly once.
final class Descriptor: Sendable {
    let number: Int32

    /// Created files are readable and writable by their owner only.
    init(_ path: String, _ flags: Int32, _ operation: DiskFailure.Operation, file: String) throws(DiskFailure) {
        number = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw DiskFailure(operation, file: file, code: errno) }
    }

    deinit { if number >= 0 { Glibc.close(number) } }

    /// Its size in bytes, and how many names it has: none once it was removed.
    func status(_ file: String) throws(DiskFailure) -> (size: Int, links: Int) {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw DiskFailure(.read, file: file, code: errno) }
        return (status.st_size, Int(status.st_nlink))
    }

    /// Writes the first bytes of a buffer, all of them.
    func put(_ bytes: [UInt8], _ total: Int, at offset: Int, file: String) throws(DiskFailure) {
        var written = 0
        while written < total {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe pwrite(
                    number, bytes.baseAddress.map { unsafe $0 + written }, total - written, offset + written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DiskFailure(.write, file: file, code: count < 0 ? errno : ENOSPC) }
            written += count
        }
    }

    /// What was written, and its length, are on the disk when it returns.
    func sync(file: String) throws(DiskFailure) {
        guard fsync(number) == 0 else { throw DiskFailure(.sync, file: file, code: errno) }
    }

    /// The names in a directory are on the disk when it returns.
    static func syncDirectory(_ path: String) throws(DiskFailure) {
        try Descriptor(path, O_RDONLY | O_DIRECTORY, .open, file: "").sync(file: "")
    }
}
