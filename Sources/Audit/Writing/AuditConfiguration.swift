// SPDX-License-Identifier: Apache-2.0

/// How a log is kept.
package struct AuditConfiguration: Sendable {
    package var directory: String
    /// The name of this gateway, in each record.
    package var node: String
    /// The file of the log's secret key, which must be there; `nil`: the directory's name and `.key`, made at the first start.
    package var keyFile: String?
    /// A file of the journal that has reached this many bytes is followed by the next.
    package var journalBytes = 16 << 20
    /// Zeros are written ahead of the records, so many bytes at a time; 0: none.
    package var reserveBytes = 1 << 20
    /// How many records may wait; more get 503.
    package var queueRecords = 65_536
    /// How many bytes of records may wait; more get 503.
    package var queueBytes = 64 << 20
    /// Reserved for notes while nothing else can be written.
    package var emergencyBytes = 1 << 20
    /// Under load, how long the writer waits at most for more records to store together; 0: not at all.
    package var gatherMicroseconds: Int64 = 2000
    /// How long records that nobody waits for may wait for others to be stored with.
    package var lateMicroseconds: Int64 = 20_000
    /// So many of them are stored at once, however long they have waited.
    package var lateRecords = 256
    /// How often a log that cannot be written is tried again when nobody submits.
    package var retryMicroseconds: Int64 = 1_000_000
    /// A submission tries it again too, but not more often than this.
    package var submitRetryMicroseconds: Int64 = 100_000

    /// Once in so long a time the log gets a record that says only that the gateway runs.
    package var heartbeatMicroseconds: Int64 = 60_000_000

    package init(directory: String, node: String) {
        self.directory = directory
        self.node = node
    }
}
