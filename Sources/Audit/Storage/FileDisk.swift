// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A log's directory on a file system.
///
/// One process at a time: the directory's `lock` is held from opening to deinitialisation.
package final class FileDisk: SegmentDisk {
    private let directory: String
    private let files: LogDirectory
    private let directoryDescriptor: Descriptor
    private let lock: Descriptor
    private let emergency: EmergencyFile
    private var active: (name: String, descriptor: Descriptor)?

    /// - Parameters:
    ///   - directory: created with rights for its owner only when it is not there.
    ///   - emergencyBytes: space reserved for notes while nothing else can be written.
    package init(_ directory: String, emergencyBytes: Int = 1 << 20) throws(DiskFailure) {
        self.directory = directory
        files = LogDirectory(directory)
        if unsafe mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw DiskFailure(.create, file: "", code: errno)
        }
        directoryDescriptor = try Descriptor(directory, O_RDONLY | O_DIRECTORY, .open, file: "")
        lock = try Descriptor(directory + "/lock", O_RDWR | O_CREAT | O_NOFOLLOW, .lock, file: "lock")
        guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
            throw DiskFailure(.lock, file: "lock", code: errno)
        }
        emergency = try EmergencyFile(directory + "/emergency.jsonl", bytes: emergencyBytes)
        try syncDirectory()
    }

    package func segments() throws(DiskFailure) -> [String] { try files.segments() }

    package func length(of segment: String) throws(DiskFailure) -> Int { try files.length(of: segment) }

    package func read(
        _ segment: String, from offset: Int, count: Int, into buffer: inout [UInt8]
    ) throws(DiskFailure) {
        try files.read(segment, from: offset, count: count, into: &buffer)
    }

    package func remove(_ segment: String) throws(DiskFailure) {
        guard unsafe unlink(path(segment)) == 0 else { throw DiskFailure(.remove, file: segment, code: errno) }
        try syncDirectory()
    }

    package func activate(_ segment: String, creating: Bool) throws(DiskFailure) {
        let flags = O_RDWR | O_NOFOLLOW | (creating ? O_CREAT | O_EXCL : 0)
        let descriptor = try Descriptor(path(segment), flags, creating ? .create : .open, file: segment)
        // What is read back shall come from the disk where the kernel can be asked for it.
        posix_fadvise(descriptor.number, 0, 0, POSIX_FADV_DONTNEED)
        active = (segment, descriptor)
        if creating { try syncDirectory() }
    }

    package func append(_ bytes: [UInt8], at offset: Int) throws(DiskFailure) {
        guard let active else { throw DiskFailure(.write, file: "", code: EBADF) }
        // Somebody may have cut or removed the file: what is written then would be a hole, or gone.
        let status = try active.descriptor.status(active.name)
        guard status.size == offset, status.links > 0 else { throw DiskFailure(.write, file: active.name, code: 0) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe pwrite(
                    active.descriptor.number, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written,
                    offset + written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DiskFailure(.write, file: active.name, code: count < 0 ? errno : ENOSPC) }
            written += count
        }
    }

    package func sync() throws(DiskFailure) {
        guard let active else { throw DiskFailure(.sync, file: "", code: EBADF) }
        guard fdatasync(active.descriptor.number) == 0 else {
            throw DiskFailure(.sync, file: active.name, code: errno)
        }
    }

    package func truncate(to length: Int) throws(DiskFailure) {
        guard let active else { throw DiskFailure(.truncate, file: "", code: EBADF) }
        // Growing would fill with zeros what has been lost.
        guard try active.descriptor.status(active.name).size >= length else {
            throw DiskFailure(.truncate, file: active.name, code: 0)
        }
        guard ftruncate(active.descriptor.number, length) == 0 else {
            throw DiskFailure(.truncate, file: active.name, code: errno)
        }
    }

    package func deactivate() { active = nil }

    package func writeEmergency(_ line: [UInt8]) throws(DiskFailure) { try emergency.write(line) }

    private func path(_ name: String) -> String { directory + "/" + name }

    private func syncDirectory() throws(DiskFailure) {
        guard fsync(directoryDescriptor.number) == 0 else { throw DiskFailure(.sync, file: "", code: errno) }
    }
}
