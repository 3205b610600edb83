// SPDX-License-Identifier: Apache-2.0

/// The files of a log, as few operations on bytes: the seam at which tests break every write and every sync.
///
/// Used by the writer's thread only. One file at a time, of the journal, is *active*: written and synced.
package protocol LogDisk: LogFiles, AnyObject {
    func remove(_ journal: String) throws(DiskFailure)

    /// Makes a file of the journal the active one. A created one must not exist, and its name is durable on return.
    func activate(_ journal: String, creating: Bool) throws(DiskFailure)
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

    /// Puts a whole file in its place at once, whatever was there; makes the directories that lead to it.
    ///
    /// - Parameter durably: after a power cut it is the old one or this one. Otherwise it may be neither until `settle`.
    func put(_ bytes: [UInt8], at path: String, durably: Bool) throws(DiskFailure)
    /// Makes files durable that were put and are not, the oldest first; if all are, their names, too.
    ///
    /// - Parameter most: so many files at most.
    func settle(atMost most: Int) throws(DiskFailure)
    /// How many files were put and are not durable.
    var unsettled: Int { get }
    /// Removes a file that nobody needs, if that is possible.
    func discard(_ path: String)

    /// Writes one line to the space that is reserved for the time when nothing else can be written.
    func writeEmergency(_ line: [UInt8]) throws(DiskFailure)
}
