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
}
