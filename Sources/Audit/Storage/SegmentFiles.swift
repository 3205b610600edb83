// SPDX-License-Identifier: Apache-2.0

/// The segments of a log, to read.
package protocol SegmentFiles {
    /// Names of the segments, sorted.
    func segments() throws(DiskFailure) -> [String]
    func length(of segment: String) throws(DiskFailure) -> Int
    /// Appends up to `count` bytes from `offset` to `buffer`; fewer only at the end of the file.
    func read(_ segment: String, from offset: Int, count: Int, into buffer: inout [UInt8]) throws(DiskFailure)
}
