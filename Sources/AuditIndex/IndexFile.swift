// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import Glibc

/// The file of an index.
package enum IndexFile {
    /// Where the index of a log is unless somebody says otherwise: beside the directory, since what is in it is signed.
    package static func path(ofLog directory: String) -> String {
        var name = directory[...]
        while name.count > 1, name.last == "/" { name.removeLast() }
        return name + ".index.sqlite"
    }

    /// Whether there is a file, and it is an index of this version.
    enum Found { case nothing, current, outdated, foreign }

    static func look(_ path: String) -> Found {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return .nothing }
        guard status.st_mode & S_IFMT == S_IFREG else { return .foreign }
        if status.st_size == 0 { return .nothing }
        let numbers = try? DatabaseQueue(path: path, configuration: configuration(readonly: true)).read {
            (try pragma("application_id", $0), try pragma("user_version", $0))
        }
        guard let (application, version) = numbers, application == IndexSchema.application else { return .foreign }
        return version == IndexSchema.version ? .current : .outdated
    }

    private static func pragma(_ name: String, _ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "PRAGMA \(name)") ?? 0
    }

    /// Makes an empty file that its owner only can read: it says who spoke with whom.
    static func create(_ path: String) throws(IndexFailure) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw IndexFailure("\(path): it cannot be made, \(systemError())") }
        close(descriptor)
    }

    static func remove(_ path: String) throws(IndexFailure) {
        for name in ["-journal", ""] where unsafe unlink(path + name) != 0 && errno != ENOENT {
            throw IndexFailure("\(path)\(name): it cannot be removed, \(systemError())")
        }
    }

    private static func systemError() -> String { unsafe String(cString: strerror(errno)) }

    /// - Parameter readonly: for asking.
    static func configuration(readonly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // Nothing in the file is run, whoever wrote it.
            try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cache_size = -65536")
            if !readonly {
                // One file, and after a stop at any moment the last whole batch.
                try database.execute(sql: "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = NORMAL")
            }
        }
        return configuration
    }
}
