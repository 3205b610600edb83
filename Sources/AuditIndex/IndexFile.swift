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
        let numbers = try? DatabaseQueue(path: path, configuration: configuration(for: .asking)).read {
            (try pragma("application_id", $0), try pragma("user_version", $0))
        }
        guard let (application, version) = numbers, application == IndexSchema.application else { return .foreign }
        return version == IndexSchema.version ? .current : .outdated
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
