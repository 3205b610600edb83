// SPDX-License-Identifier: Apache-2.0

/// The files of a log, as few operations on bytes: the seam at which tests break every write and every sync.
///
/// Used by the writer's thread only. One file at a time is *active*: written and synced.
package protocol SegmentDisk: SegmentFiles, AnyObject {
    func remove(_ segment: String) throws(DiskFailure)

    /// Makes a segment the active one. A created one must not exist, and its name is durable on return.
    func activate(_ segment: String, creating: Bool) throws(DiskFailure)
    /// Writes all of `bytes` at `offset` of the active file, durable on return. The file must reach to there.
    func write(_ bytes: [UInt8], at offset: Int) throws(DiskFailure)
    /// Writes zeros behind the end of the active file until it has `length` bytes. They need not be durable: whatever
    /// is later written in their place is, and what makes it found.
    func extend(to length: Int) throws(DiskFailure)
    func sync() throws(DiskFailure)
    /// Cuts the active file, which must be that long.
    func truncate(to length: Int) throws(DiskFailure)
    /// Gives back the active file, so that the next `activate` reads what is really there.
    func deactivate()

    /// Writes one line to the space that is reserved for the time when nothing else can be written.
    func writeEmergency(_ line: [UInt8]) throws(DiskFailure)
}
