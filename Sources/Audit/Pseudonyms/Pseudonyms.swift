// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
package import PolicyEngine
internal import Synchronization

/// Names persons and files in records by keyed hash, with a key for each month and class of records.
///
/// Within a month and class a person has one name, so that an officer can follow it; across them nothing links the two, and
/// when a key is destroyed nobody can find out any more whom its names meant. Rooms and events have names for ever: `ReferenceKey`.
package final class Pseudonyms: Sendable {
    package enum Kind: UInt8, Sendable {
        case user = 0x75
        case media = 0x6D
    }

    private struct Entry {
        let month: CalendarMonth
        let recordClass: AuditTerms.RecordClass
        let key: SecretKey
    }

    private struct Keys {
        /// Of the month before, this one and the next: nine at most.
        var entries: [Entry] = []
        /// The month for which all keys were read or made.
        var month: CalendarMonth?
    }

    private let files: any KeyFiles
    private let keys = Mutex(Keys())
    /// Held while files are read and written; never on a request's way.
    private let filing = Mutex(())

    package init(_ files: any KeyFiles) { self.files = files }

    /// The name of a person or a file, by the time of its record; no disk is touched.
    ///
    /// - Parameter time: microseconds since 1970-01-01T00:00:00Z.
    /// - Returns: `nil` if there is no key: destroyed, or of a month that is neither this one nor next to it.
    package func reference(
        _ kind: Kind, _ id: String, _ recordClass: AuditTerms.RecordClass, time: Int64
    ) -> Reference? {
        let month = CalendarMonth(microseconds: time)
        let key = keys.withLock { keys in
            keys.entries.first { $0.month == month && $0.recordClass == recordClass }?.key
        }
        return key.map { Reference($0.name(of: kind.rawValue, id)) }
    }

    /// Sees that the keys of this month and the next are there, durably. Touches the disk only when a month begins.
    ///
    /// Those of the next are made a month ahead, so that nothing waits for the disk when it begins. For a month that is over none
    /// is made: if it is not there it was destroyed.
    package func tend(time: Int64) throws(KeyFileFault) {
        let month = CalendarMonth(microseconds: time)
        guard keys.withLock({ $0.month != month }) else { return }
        try filing.withLock { _ throws(KeyFileFault) in
            var entries: [Entry] = []
            for each in [month.previous, month, month.next] {
                for recordClass in AuditTerms.RecordClass.allCases {
                    guard let key = try key(each, recordClass, making: each >= month) else { continue }
                    entries.append(Entry(month: each, recordClass: recordClass, key: key))
                }
            }
            keys.withLock { $0 = Keys(entries: entries, month: month) }
        }
    }

    /// Destroys the key of a month that is over.
    package func destroy(_ month: CalendarMonth, _ recordClass: AuditTerms.RecordClass) throws(KeyFileFault) {
        let name = KeyFileName.text(month.text, recordClass)
        try filing.withLock { _ throws(KeyFileFault) in
            keys.withLock { $0.entries.removeAll { $0.month == month && $0.recordClass == recordClass } }
            try files.locating(name) { () throws(DiskFailure) in try files.destroy(name) }
        }
    }

    /// Months and classes of which a key is there, the oldest first.
    package func kept() throws(KeyFileFault) -> [(month: CalendarMonth, recordClass: AuditTerms.RecordClass)] {
        try files.kept { CalendarMonth($0) }.map { ($0.period, $0.recordClass) }
    }

    private func key(
        _ month: CalendarMonth, _ recordClass: AuditTerms.RecordClass, making isMaking: Bool
    ) throws(KeyFileFault) -> SecretKey? {
        let name = KeyFileName.text(month.text, recordClass)
        let read = try files.locating(name) { () throws(DiskFailure) in
            try files.read(name, limit: PseudonymFile.limit)
        }
        if var bytes = read {
            defer { bytes.wipe() }
            guard let key = PseudonymFile.key(bytes, month, recordClass) else {
                throw .malformed(
                    file: files.path(of: name), line: 0, what: "it is no pseudonym key of this month and class")
            }
            return key
        }
        guard isMaking else { return nil }
        guard let key = SecretKey.generate() else { throw .memory }
        var bytes = PseudonymFile.bytes(key, month, recordClass)
        defer { bytes.wipe() }
        try files.locating(name) { () throws(DiskFailure) in try files.create(name, bytes) }
        return key
    }
}
