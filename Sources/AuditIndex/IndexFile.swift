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
    enum Found {
        case nothing, current, outdated, foreign
        /// Who wrote it was stopped while he did; whoever may write it can put it right.
        case interrupted
    }

    static func look(_ path: String) -> Found {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return .nothing }
        guard status.st_mode & S_IFMT == S_IFREG else { return .foreign }
        if status.st_size == 0 { return .nothing }
        return (try? numbers(path, configuration(for: .asking))) ?? .foreign
    }

    /// Takes back what a stop left half written, and looks.
    static func recover(_ path: String) -> Found {
        let found = look(path)
        guard found == .interrupted else { return found }
        return (try? numbers(path, configuration(for: .continuing))) ?? .foreign
    }

    private static func numbers(_ path: String, _ configuration: Configuration) throws -> Found {
        do {
            return try DatabaseQueue(path: path, configuration: configuration).read { database in
                guard try pragma("application_id", database) == IndexSchema.application else { return .foreign }
                return try pragma("user_version", database) == IndexSchema.version ? .current : .outdated
            }
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK {
            return isOurs(path) ? .interrupted : .foreign
        }
    }

    /// By the head of the file, where the number is in bytes 68 to 71 and stays the same: to ask SQLite would write.
    private static func isOurs(_ path: String) -> Bool {
        let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var number: UInt32 = 0
        return unsafe pread(descriptor, &number, 4, 68) == 4
            && Int64(UInt32(bigEndian: number)) == IndexSchema.application
    }

    private static func pragma(_ name: String, _ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "PRAGMA \(name)") ?? 0
    }

    static func remove(_ path: String) throws(IndexFailure) {
        // The journal last: what is left of a write means nothing without it.
        for name in ["", "-journal"] where unsafe unlink(path + name) != 0 && errno != ENOENT {
            throw IndexFailure("\(path)\(name): it cannot be removed, \(systemError())")
        }
    }

    private static func systemError() -> String { unsafe String(cString: strerror(errno)) }

    enum Use {
        case asking
        /// Adding to one that is there: one file, and after a stop at any moment the last whole batch.
        case continuing
        /// Making a draft: nobody sees it before it is whole, so nothing is kept for going back.
        case making
    }

    static func configuration(for use: Use) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = use == .asking
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // Nothing in the file is run, whoever wrote it.
            try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cache_size = -65536")
            switch use {
            case .asking: break
            case .continuing:
                try database.execute(sql: "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = NORMAL")
            case .making:
                try database.execute(
                    sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE")
            }
        }
        return configuration
    }
}
