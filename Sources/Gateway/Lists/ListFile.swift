// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import MatrixFederation
internal import PolicyEngine

/// A list's file on disk.
enum ListFile {
    /// Tells one content of a file from the next without reading it.
    struct Stamp: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        /// Nanoseconds since 1970 of the last write, and of the last change of anything.
        let written: Int64
        let changed: Int64
    }

    struct Content: Sendable {
        let bytes: [UInt8]
        let stamp: Stamp
        var written: Timestamp { Timestamp(milliseconds: stamp.written / 1_000_000) }
    }

    /// `nil` if there is no such file, or it may not be looked at.
    static func stamp(_ path: String) -> Stamp? {
        var status = Glibc.stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return stamp(of: status)
    }

    /// Reads a regular file once, whole.
    static func read(_ path: String, limit: Int) throws(ListFault) -> Content {
        // Opening a pipe or a terminal must not wait for somebody.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw fault(path, "cannot be opened, \(reason(errno))") }
            throw .outside(
                what: "\(quoted(path)) is not there",
                todo: "fetch the list from whoever publishes it and put it there, or correct `file:`, "
                    + "which is relative to the policy")
        }
        defer { close(descriptor) }
        var status = Glibc.stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw fault(path, "cannot be read, \(reason(errno))") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw fault(path, "is no regular file") }
        guard status.st_size <= limit else { throw .tooLarge(limit: limit) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(status.st_size))
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault(path, "cannot be read, \(reason(errno))") }
            if count == 0 { return Content(bytes: bytes, stamp: stamp(of: status)) }
            guard bytes.count + count <= limit else { throw .tooLarge(limit: limit) }
            bytes += chunk[..<count]
        }
    }

    static func fault(_ path: String, _ why: String) -> ListFault {
        .outside(what: "\(quoted(path)) \(why)", todo: "check the path and the rights of the file")
    }

    static func reason(_ code: Int32) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0).lowercased() } ?? "error \(code)"
    }

    private static func stamp(of status: stat) -> Stamp {
        Stamp(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            written: nanoseconds(status.st_mtim), changed: nanoseconds(status.st_ctim))
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        let (seconds, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : seconds.addingReportingOverflow(Int64(time.tv_nsec)).partialValue
    }
}
