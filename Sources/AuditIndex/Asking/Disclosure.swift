// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// One thing that one request named: what left, arrived, was asked for or refused, by which path and rule.
package struct Disclosure: Equatable, Sendable {
    /// 32 hexadecimal digits.
    package var reference: String
    package var what: NamedThing
    package var record: FoundRow
    /// Of a file that passed, as far as its outcome says so: its type, and the bytes that passed.
    package var fileType: String?
    package var fileBytes: Int64?

    /// Which way it went: what a request carries goes with it, and what is asked for comes back.
    package var flow: DisclosureLedger.Flow? {
        guard record.decision == "allow" || record.decision == "partial" else { return nil }
        let isOurs = record.direction == "outbound"
        switch what {
        case .carried: return isOurs ? .left : .arrived
        case .answered, .answeredID, .media: return isOurs ? .arrived : .left
        case .target: return record.endpointClass == "profile" ? (isOurs ? .arrived : .left) : nil
        case .asked, .refused, .room, .subject: return nil
        }
    }
}

extension LogIndex {
    /// Hands on each thing that a request to or from the party named, in the order of the records.
    package func disclosures(
        _ party: DisclosureLedger.Party, from: Int64?, to: Int64?, _ take: (Disclosure) -> Void
    ) throws(IndexFailure) {
        try read { database in
            let sides = try DisclosureLedger.sides(database, party, from, to)
            var texts = try TextReader(database)
            let rows = try Row.fetchCursor(
                database,
                sql:
                    "WITH r AS (\(sides.sql)) SELECT \(FoundRow.columns), n.what, n.ref, a.file_bytes, a.file_type FROM r "
                    + "JOIN named n ON n.seq = r.seq LEFT JOIN answer a ON a.seq = r.seq AND n.what = 7 ORDER BY r.seq, n.what, n.ref",
                arguments: StatementArguments(sides.values))
            while let row = try rows.next() {
                guard let what = NamedThing(rawValue: row.integer(23)), let reference = row.reference(24) else {
                    continue
                }
                var found = Disclosure(reference: reference, what: what, record: try FoundRow(row, &texts))
                if !row.hasNull(atIndex: 25) {
                    (found.fileBytes, found.fileType) = (row.integer(25), try texts.text(row.integer(26)))
                }
                take(found)
            }
        }
    }
}
