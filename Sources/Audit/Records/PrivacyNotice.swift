// SPDX-License-Identifier: Apache-2.0

package import PolicyEngine

/// What became of the keys that hide persons, and of what they hide.
package struct PrivacyNotice: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// No new keys can be made. Those in use go on for ten minutes; then what must be sealed is not recorded, and does not pass.
        case failed(cause: String)
        case recovered
        /// The keys of a period are destroyed; written before they are.
        case retention(what: Destroyed, AuditTerms.RecordClass, period: String)
        /// An auditor opens records; written before anything is opened.
        case opened(Opening)
    }

    package enum Destroyed: String, CaseIterable, Sendable {
        case sealedKeys = "sealed_keys"
        case pseudonymKey = "pseudonym_key"
    }

    package struct Opening: Hashable, Sendable {
        /// The number of the case for which it is done.
        package let number: String
        /// As `4711` or `4713-4720`.
        package let records: [String]
        /// The auditor's public key.
        package let recipient: String
        package let uid: UInt32

        package init(number: String, records: [String], recipient: String, uid: UInt32) {
            self.number = number
            self.records = records
            self.recipient = recipient
            self.uid = uid
        }
    }

    package let kind: Kind

    package init(_ kind: Kind) { self.kind = kind }
}

extension RecordEncoder {
    /// Those before `seq`, sorted.
    mutating func members(of notice: PrivacyNotice) {
        switch notice.kind {
        case .failed(let cause):
            member(#""cause":"#, cause)
            kind(#""privacy.failed""#)
            nodeMember()
        case .recovered:
            kind(#""privacy.recovered""#)
            nodeMember()
        case .retention(let what, let recordClass, let period):
            member(#""class":"#, recordClass.rawValue)
            member(#""destroyed":"#, what.rawValue)
            kind(#""audit.retention""#)
            nodeMember()
            member(#""period":"#, period)
        case .opened(let opening):
            member(#""case":"#, opening.number)
            kind(#""admin.opened""#)
            nodeMember()
            member(#""recipient":"#, opening.recipient)
            object(#""records":["#)
            for range in opening.records.prefix(64) { text(range) }
            closeArray()
        }
    }
}
