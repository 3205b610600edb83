// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Writes a file that only its owner may read.
enum SecretFile {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: `Failure` when the file exists already or cannot be written whole; then no part of it stays.
    static func create(_ path: String, _ bytes: [UInt8]) throws(Failure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let todo =
                errno == EEXIST ? "name a new file, or move the old one away" : "see to the directory and its rights"
            throw failure(path, "cannot be created, \(reason())", todo)
        }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = failure(path, "cannot be written, \(reason())", "free space, then try again")
                unsafe unlink(path)
                throw failure
            }
            written += count
        }
    }

    private static func reason() -> String { unsafe String(cString: strerror(errno)).lowercased() }

    private static func failure(_ path: String, _ what: String, _ todo: String) -> Failure {
        Failure(description: "\(path): \(what); no key was made; \(todo)")
    }
}
