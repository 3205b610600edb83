// SPDX-License-Identifier: Apache-2.0

/// The files of a log, to read. Paths are relative to the log's directory.
package protocol LogFiles {
    /// Names of the journal's files, the oldest first.
    func journals() throws(DiskFailure) -> [String]
    func length(of path: String) throws(DiskFailure) -> Int
    /// Appends up to `count` bytes from `offset` to `buffer`; fewer only at the end of the file.
    func read(_ path: String, from offset: Int, count: Int, into buffer: inout [UInt8]) throws(DiskFailure)
    /// The names in a directory below the log's; none if there is no such directory.
    func names(in path: String) throws(DiskFailure) -> [String]
}

extension LogFiles {
    /// The whole file, or `nil` if it is not there.
    ///
    /// - Parameter limit: a longer file is cut to one byte more than this.
    package func content(of path: String, limit: Int) throws(StoreFailure) -> [UInt8]? {
        var bytes: [UInt8] = []
        return try take(path, limit: limit, into: &bytes) ? bytes : nil
    }

    /// The same into a buffer that is used again and again: most of what many large files cost is the memory for them.
    ///
    /// - Returns: whether the file is there.
    package func take(_ path: String, limit: Int, into bytes: inout [UInt8]) throws(StoreFailure) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        do throws(DiskFailure) {
            try read(path, from: 0, count: limit + 1, into: &bytes)
        } catch {
            if error.isMissing { return false }
            throw .disk(error)
        }
        return true
    }
}
