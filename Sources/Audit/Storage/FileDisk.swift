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
    private var active: ActiveSegment?

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
        active = try ActiveSegment(path(segment), segment, creating: creating)
        if creating { try syncDirectory() }
    }

    package func write(_ bytes: [UInt8], at offset: Int) throws(DiskFailure) {
        try opened(.write).write(bytes, at: offset)
    }

    package func extend(to length: Int) throws(DiskFailure) { try opened(.write).extend(to: length) }

    package func sync() throws(DiskFailure) { try opened(.sync).sync() }

    package func truncate(to length: Int) throws(DiskFailure) { try opened(.truncate).truncate(to: length) }

    private func opened(_ operation: DiskFailure.Operation) throws(DiskFailure) -> ActiveSegment {
        guard let active else { throw DiskFailure(operation, file: "", code: EBADF) }
        return active
    }

    package func deactivate() { active = nil }

    package func writeEmergency(_ line: [UInt8]) throws(DiskFailure) { try emergency.write(line) }

    private func path(_ name: String) -> String { directory + "/" + name }

    private func syncDirectory() throws(DiskFailure) {
        guard fsync(directoryDescriptor.number) == 0 else { throw DiskFailure(.sync, file: "", code: errno) }
    }
}
