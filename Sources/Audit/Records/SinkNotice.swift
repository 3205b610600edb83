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
        /// More waits for it than its spool holds, from that record on, and traffic is refused for it: of all, or of all but
        /// the own state.
        case full(first: UInt64, ownGoesOn: Bool)
        /// Traffic is no longer refused for it: what waits has become less, or the policy wants something else.
        case drained
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
        case .full(let first, _):
            member(#""first":"#, first)
            kind(#""sink.full""#)
        case .drained: kind(#""sink.drained""#)
        case .lost(let first, let last):
            kind(#""sink.lost""#)
            object(#""lost":{"#)
            member(#""first":"#, first)
            member(#""last":"#, last)
            close()
        }
        nodeMember()
        if case .full(_, let ownGoesOn) = notice.kind {
            member(#""now":"#, ownGoesOn ? "refused_except_own" : "refused")
        }
    }

    /// Those between `seq` and `time`.
    mutating func lastMembers(of notice: SinkNotice) {
        object(#""sink":{"#)
        member(#""format":"#, notice.format)
        member(#""name":"#, notice.name)
        close()
    }
}
