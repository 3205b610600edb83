// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Files of a log that are written once and put in their place whole: tiles, bundles, the checkpoint.
struct PlacedFiles {
    private let directory: String
    /// Put and not yet synced, the oldest first.
    private(set) var unsettled: [String] = []
    /// Directories with names in them that are not yet synced.
    private var changed: Set<String> = []
    /// Directories that are known to be there.
    private var made: Set<String> = []

    /// Where a file is written before it gets its name. No file of a log is called so.
    private static let draft = "draft"
    /// So many directories are remembered.
    private static let remembered = 4096

    init(_ directory: String) { self.directory = directory }

    mutating func put(_ bytes: [UInt8], at path: String, durably: Bool) throws(DiskFailure) {
        try makeDirectories(to: path)
        let draft = directory + "/" + Self.draft
        let file = try Descriptor(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, .create, file: path)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe write(file.number, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DiskFailure(.write, file: path, code: count < 0 ? errno : ENOSPC) }
            written += count
        }
        if durably {
            guard fdatasync(file.number) == 0 else { throw DiskFailure(.sync, file: path, code: errno) }
        } else {
            unsettled.append(path)
        }
        changed.insert(Self.parent(path))
        guard unsafe rename(draft, directory + "/" + path) == 0 else {
            throw DiskFailure(.create, file: path, code: errno)
        }
    }

    mutating func settle(atMost most: Int) throws(DiskFailure) {
        for path in unsettled.prefix(most) {
            try sync(path, O_RDONLY | O_NOFOLLOW)
        }
        unsettled.removeFirst(min(most, unsettled.count))
        guard unsettled.isEmpty else { return }
        for path in changed { try sync(path, O_RDONLY | O_DIRECTORY) }
        changed.removeAll()
    }

    private func sync(_ path: String, _ flags: Int32) throws(DiskFailure) {
        let file: Descriptor
        do throws(DiskFailure) {
            file = try Descriptor(directory + "/" + path, flags, .sync, file: path)
        } catch {
            // A partial one that nobody needed any more.
            if error.isMissing { return }
            throw error
        }
        guard fsync(file.number) == 0 else { throw DiskFailure(.sync, file: path, code: errno) }
    }

    /// Removes a file, and the directory of partial tiles that it leaves empty.
    mutating func discard(_ path: String) {
        unsafe unlink(directory + "/" + path)
        let parent = Self.parent(path)
        if parent.hasSuffix(".p"), unsafe rmdir(directory + "/" + parent) == 0 {
            made.remove(parent)
            changed.remove(parent)
        }
    }

    private mutating func makeDirectories(to path: String) throws(DiskFailure) {
        let parent = Self.parent(path)
        guard !parent.isEmpty, !made.contains(parent) else { return }
        try makeDirectories(to: parent)
        if unsafe mkdir(directory + "/" + parent, 0o700) != 0, errno != EEXIST {
            throw DiskFailure(.create, file: parent, code: errno)
        }
        if made.count >= Self.remembered { made.removeAll() }
        made.insert(parent)
        changed.insert(Self.parent(parent))
    }

    /// Without the last part; empty for a file of the log's own directory.
    private static func parent(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
