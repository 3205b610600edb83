// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What the operating system said when the log's files were touched.
package struct DiskFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Operation: String, Sendable {
        case list, create, open, read, write, sync, truncate, remove, lock
    }

    package let operation: Operation
    /// The file's name inside the log's directory; empty for the directory.
    package let file: String
    /// `errno`; 0 when the call succeeded and its effect is not what it should be.
    package let code: Int32

    package init(_ operation: Operation, file: String, code: Int32) {
        self.operation = operation
        self.file = file
        self.code = code
    }

    /// Whether what was wanted is not there.
    package var isMissing: Bool { code == ENOENT }

    package var description: String {
        let subject = file.isEmpty ? "directory" : file
        let reason =
            switch code {
            case 0: "its content or length is not what was written"
            case ENOSPC, EDQUOT: "disk full"
            case EROFS: "read-only file system"
            case EIO: "input/output error"
            case EACCES, EPERM: "permission denied"
            case ENOENT: "no such file"
            case EEXIST: "it exists already"
            case EWOULDBLOCK: "another process holds it"
            default: "error \(code)"
            }
        return "cannot \(operation.rawValue) \(subject): \(reason)"
    }
}
