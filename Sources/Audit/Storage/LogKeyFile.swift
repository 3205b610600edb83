// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The file with a log's secret key, beside the log's directory and not in it: a copy of the directory proves what is in
/// it, and must not be able to sign anything else.
struct LogKeyFile {
    private let path: String
    private let directory: String
    private let node: String
    /// Whether the configuration names the file, so that none is made.
    private let isNamed: Bool

    private static let limit = 4096

    init(_ configuration: AuditConfiguration) {
        isNamed = configuration.keyFile != nil
        directory = configuration.directory
        node = configuration.node
        path = configuration.keyFile ?? Self.path(for: configuration.directory)
    }

    /// Where the key of a log lies whose configuration names none.
    static func path(for directory: String) -> String {
        var directory = directory[...]
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        return directory + ".key"
    }

    /// The key that is there; a new one where there is none, and no log either.
    func key() throws(AuditOpenError) -> LogKey {
        do throws(DiskFailure) {
            return try read()
        } catch {
            guard error.isMissing, !isNamed else { throw failure(error.description, "see to the file and its rights") }
        }
        let files = LogDirectory(directory)
        guard ((try? files.journals()) ?? []).isEmpty, ((try? files.names(in: "tile")) ?? []).isEmpty else {
            throw failure(
                "the key of the log in \(directory) is missing", "put it back, or name a new, empty directory")
        }
        return try make()
    }

    private func read() throws(DiskFailure) -> LogKey {
        let file = try Descriptor(path, O_RDONLY | O_NOFOLLOW, .open, file: "the log's key")
        var bytes = [UInt8](repeating: 0, count: Self.limit)
        defer { for index in bytes.indices { bytes[index] = 0 } }
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file.number, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw DiskFailure(.read, file: "the log's key", code: errno) }
        guard let key = try? LogKey(parsing: String(decoding: bytes[..<count], as: UTF8.self)) else {
            throw DiskFailure(.read, file: "the log's key", code: 0)
        }
        return key
    }

    /// A key whose name nobody else has: two logs under one name would contradict each other.
    private func make() throws(AuditOpenError) -> LogKey {
        let digits = Secret.random(8).map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }
        guard let (key, line) = try? LogKey.generate(name: "\(node)/\(digits.joined())") else {
            throw failure("no key can be made for the node's name", "name a key in the configuration")
        }
        let slash = path.lastIndex(of: "/")
        do throws(DiskFailure) {
            try SmallFile.replace(
                slash.map { String(path[path.index(after: $0)...]) } ?? path,
                in: slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".", with: line)
        } catch {
            throw failure(error.description, "see to the rights of the directory above the log's, or name a key")
        }
        return key
    }

    private func failure(_ reason: String, _ todo: String) -> AuditOpenError {
        .key(file: path, reason: reason, todo: todo)
    }
}
