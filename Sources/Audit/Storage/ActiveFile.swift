// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The one file of the journal that is written.
///
/// Behind its last record lie zeros that were written beforehand. Storing a record there changes neither the file's
/// length nor where its blocks lie, so the disk has only the record to write; one that makes the file longer costs the
/// file system's journal as well, which is more than half of the work.
final class ActiveFile {
    private let name: String
    /// `O_DSYNC`: a write is durable when it returns, as if `fdatasync` had followed, with one system call.
    private let records: Descriptor
    /// For zeros, which nobody waits for.
    private let zeros: Descriptor
    /// What the file's length must be unless somebody else changed it.
    private var length: Int

    private static let blank = [UInt8](repeating: 0, count: 1 << 16)

    /// - Parameter creating: the file must not exist.
    init(_ path: String, _ name: String, creating: Bool) throws(DiskFailure) {
        self.name = name
        let flags = O_RDWR | O_NOFOLLOW | O_DSYNC | (creating ? O_CREAT | O_EXCL : 0)
        records = try Descriptor(path, flags, creating ? .create : .open, file: name)
        zeros = try Descriptor(path, O_WRONLY | O_NOFOLLOW, .open, file: name)
        length = try records.status(name).size
        // What is read back shall come from the disk where the kernel can be asked for it.
        posix_fadvise(records.number, 0, 0, POSIX_FADV_DONTNEED)
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(DiskFailure) {
        try checkLength(.write)
        guard offset <= length else { throw DiskFailure(.write, file: name, code: 0) }
        try records.put(bytes, bytes.count, at: offset, file: name)
        length = max(length, offset + bytes.count)
    }

    func extend(to goal: Int) throws(DiskFailure) {
        try checkLength(.write)
        let start = length
        while length < goal {
            let count = min(goal - length, Self.blank.count)
            try zeros.put(Self.blank, count, at: length, file: name)
            length += count
        }
        // Makes Linux start writing without waiting for it: until the blocks are found a record costs the journal too.
        if length > start { posix_fadvise(zeros.number, start, length - start, POSIX_FADV_DONTNEED) }
    }

    func sync() throws(DiskFailure) {
        guard fdatasync(records.number) == 0 else { throw DiskFailure(.sync, file: name, code: errno) }
    }

    func truncate(to goal: Int) throws(DiskFailure) {
        // Growing would fill with zeros what has been lost.
        guard try records.status(name).size >= goal else { throw DiskFailure(.truncate, file: name, code: 0) }
        guard ftruncate(records.number, goal) == 0 else { throw DiskFailure(.truncate, file: name, code: errno) }
        length = goal
    }

    /// Somebody may have cut or removed the file: what is written then would be behind a hole, or gone.
    private func checkLength(_ operation: DiskFailure.Operation) throws(DiskFailure) {
        let status = try records.status(name)
        guard status.size == length, status.links > 0 else { throw DiskFailure(operation, file: name, code: 0) }
    }
}
