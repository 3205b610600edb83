// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Writes a report beside what a command prints; what was there is replaced.
enum ReplacedFile {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func write(_ path: String, _ bytes: [UInt8]) throws(Failure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path, "cannot be created") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path, "cannot be written") }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ path: String, _ what: String) -> Failure {
        let reason = unsafe strerror(errno).map { unsafe String(cString: $0).lowercased() } ?? "error \(errno)"
        return Failure(
            description:
                "\(path): \(what), \(reason); the report is missing; see to the directory, its rights and space")
    }
}
