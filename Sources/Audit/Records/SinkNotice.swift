// SPDX-License-Identifier: Apache-2.0

/// What became of a sink. AC-94.
package struct SinkNotice: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// It takes nothing; records wait in the log.
        case down(cause: String)
        /// It takes records again.
        case up(attempts: Int)
        /// These records will not be sent to it: more than its spool waited. Written before they are passed over.
        case lost(first: UInt64, last: UInt64)
    }

    package let kind: Kind
    /// Where it leads, as `file /var/log/records.json`.
    package let name: String
    package let format: String

    package init(_ kind: Kind, name: String, format: String) {
        self.kind = kind
        self.name = name
        self.format = format
    }
}

extension RecordEncoder {
    /// Those before `seq`, sorted.
    mutating func members(of notice: SinkNotice) {
        switch notice.kind {
        case .down(let cause):
            member(#""cause":"#, cause)
            kind(#""sink.down""#)
        case .up(let attempts):
            member(#""attempts":"#, attempts)
            kind(#""sink.up""#)
        case .lost(let first, let last):
            kind(#""sink.lost""#)
            object(#""lost":{"#)
            member(#""first":"#, first)
            member(#""last":"#, last)
            close()
        }
        nodeMember()
    }

    /// Those between `seq` and `time`.
    mutating func lastMembers(of notice: SinkNotice) {
        object(#""sink":{"#)
        member(#""format":"#, notice.format)
        member(#""name":"#, notice.name)
        close()
    }
}
