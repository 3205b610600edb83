// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// What became of a request during whose reading the gateway died. AC-106, AC-107. It is named by hash alone.
package struct QuarantineNotice: Sendable {
    package enum Kind: Sendable {
        /// The process before ended while it was read, for the first time.
        case suspected
        /// Again: it is refused from now on.
        case quarantined
        /// Officers let it in again.
        case released
        /// What was asked for and not done, and why.
        case refused(error: String)
    }

    package var kind: Kind
    package var request: Digest
    package var crashes: Int64?
    /// The first instant at which it is forgotten.
    package var until: Timestamp?
    /// The officers who count.
    package var signers: [String] = []
    /// The node asks for no signatures: whoever may use the socket decided.
    package var isUnsigned = false

    package init(_ kind: Kind, _ request: Digest) {
        self.kind = kind
        self.request = request
    }

    package init(_ entry: QuarantineRegister.Entry) {
        self.init(entry.isQuarantined ? .quarantined : .suspected, entry.request)
        crashes = entry.crashes
        until = entry.until
    }
}

extension RecordEncoder {
    /// Those before `seq`, sorted.
    mutating func members(of notice: QuarantineNotice) {
        member(#""crashes":"#, notice.crashes)
        if case .refused(let error) = notice.kind { member(#""error":"#, error) }
        switch notice.kind {
        case .suspected: kind(#""qod.suspected""#)
        case .quarantined: kind(#""qod.quarantined""#)
        case .released: kind(#""quarantine.released""#)
        case .refused: kind(#""quarantine.refused""#)
        }
        nodeMember()
        digest(#""request":"#, notice.request)
    }

    /// Those behind `time`.
    mutating func lastMembers(of notice: QuarantineNotice) {
        if notice.isUnsigned { member(#""unsigned":"#, "accepted") }
        if let until = notice.until { time(#""until":"#, microseconds: until.milliseconds * 1000) }
    }
}
