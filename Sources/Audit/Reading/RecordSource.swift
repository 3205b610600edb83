// SPDX-License-Identifier: Apache-2.0

/// Where the records of a log come from, one after the other: all that asking them again knows of how a log lies on disk.
///
/// Whoever stores records otherwise writes another one of these; nothing else has to change.
package protocol RecordSource {
    /// How much there is to be read in all, in the unit of `RecordPlace.position`, as far as that is known before; for a bar.
    var length: Int { get }

    /// Hands on every record in its order, in bounded memory. The form of what stands around a record is checked, whether
    /// it is the one that was written is not.
    ///
    /// - Parameters:
    ///   - sequence: records before this one may be left out.
    ///   - take: canonical JSON of one record, and where it stands; `false` ends the reading.
    ///   - fault: told what is no record; the reading goes on behind it where that can be found.
    func read(
        from sequence: UInt64, _ take: (Span<UInt8>, RecordPlace) -> Bool, fault: (RecordFault) -> Void
    ) throws(StoreFailure)
}

/// Where a record stands.
package struct RecordPlace: Sendable {
    package let file: String
    /// Of its first byte.
    package let offset: Int
    /// How much of the whole log is before it.
    package let position: Int

    package init(file: String, offset: Int, position: Int) {
        self.file = file
        self.offset = offset
        self.position = position
    }
}

/// Bytes where a record should stand.
package struct RecordFault: Error, Sendable, CustomStringConvertible {
    package let file: String
    package let offset: Int
    package let what: String

    package init(file: String, offset: Int, what: String) {
        self.file = file
        self.offset = offset
        self.what = what
    }

    package var description: String { "\(file) at byte \(offset): \(what)" }
}
