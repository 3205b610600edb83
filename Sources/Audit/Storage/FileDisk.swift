// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A log's directory on a file system.
///
/// One process at a time: the directory's `lock` is held from opening to deinitialisation.
package final class FileDisk: LogDisk {
    private let directory: String
    private let files: LogDirectory
    private let directoryDescriptor: Descriptor
    private let lock: Descriptor
    private let emergency: EmergencyFile
    private var active: ActiveFile?
    private var placed: PlacedFiles

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
        placed = PlacedFiles(directory)
        try syncDirectory()
    }

    package func journals() throws(DiskFailure) -> [String] { try files.journals() }

    package func names(in path: String) throws(DiskFailure) -> [String] { try files.names(in: path) }

    package func length(of path: String) throws(DiskFailure) -> Int { try files.length(of: path) }

    package func read(
        _ path: String, from offset: Int, count: Int, into buffer: inout [UInt8]
    ) throws(DiskFailure) {
        try files.read(path, from: offset, count: count, into: &buffer)
    }

    package func remove(_ journal: String) throws(DiskFailure) {
        guard unsafe unlink(path(journal)) == 0 else { throw DiskFailure(.remove, file: journal, code: errno) }
        try syncDirectory()
    }

    package func activate(_ journal: String, creating: Bool) throws(DiskFailure) {
        active = try ActiveFile(path(journal), journal, creating: creating)
        if creating { try syncDirectory() }
    }

    package func write(_ bytes: [UInt8], at offset: Int) throws(DiskFailure) {
        try opened(.write).write(bytes, at: offset)
    }

    package func extend(to length: Int) throws(DiskFailure) { try opened(.write).extend(to: length) }

    package func sync() throws(DiskFailure) { try opened(.sync).sync() }

    package func truncate(to length: Int) throws(DiskFailure) { try opened(.truncate).truncate(to: length) }

    private func opened(_ operation: DiskFailure.Operation) throws(DiskFailure) -> ActiveFile {
        guard let active else { throw DiskFailure(operation, file: "", code: EBADF) }
        return active
    }

    package func deactivate() { active = nil }

    package func put(_ bytes: [UInt8], at path: String, durably: Bool) throws(DiskFailure) {
        try placed.put(bytes, at: path, durably: durably)
    }

    package func settle(atMost most: Int) throws(DiskFailure) { try placed.settle(atMost: most) }

    package var unsettled: Int { placed.unsettled.count }

    package func discard(_ path: String) { placed.discard(path) }

    package func writeEmergency(_ line: [UInt8]) throws(DiskFailure) { try emergency.write(line) }

    private func path(_ name: String) -> String { directory + "/" + name }

    private func syncDirectory() throws(DiskFailure) { try directoryDescriptor.sync(file: "") }
}
