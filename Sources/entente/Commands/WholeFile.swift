// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Puts a file in the place of another in one step: whoever reads it reads the old one or the new one, also after a crash.
enum WholeFile {
    struct Failure: Error {
        /// Where and what, for a message.
        let description: String
    }

    /// - Parameter mode: of the file, whatever the process's mask.
    static func put(_ bytes: [UInt8], at path: String, mode: mode_t = 0o644) throws(Failure) {
        let new = "\(path).new"
        unsafe unlink(new)
        let descriptor = unsafe open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(new, "cannot be created") }
        defer { close(descriptor) }
        do throws(Failure) {
            var written = 0
            while written < bytes.count {
                let count = unsafe bytes.withUnsafeBytes { bytes in
                    unsafe write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failure(new, "cannot be written") }
                written += count
            }
            guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw failure(new, "cannot be written") }
            guard unsafe rename(new, path) == 0 else { throw failure(path, "cannot be replaced") }
        } catch {
            unsafe unlink(new)
            throw error
        }
        try syncDirectory(of: path)
    }

    /// Whether two paths lead to one file.
    static func isSame(_ a: String, _ b: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard unsafe stat(a, &first) == 0, unsafe stat(b, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    private static func syncDirectory(of path: String) throws(Failure) {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(directory, "cannot be opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(directory, "cannot be written") }
    }

    private static func failure(_ path: String, _ what: String) -> Failure {
        Failure(description: "\(path): \(what), \(unsafe String(cString: strerror(errno)).lowercased())")
    }
}
