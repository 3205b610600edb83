// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What becomes of traffic when a policy has run out.
package enum OnExpiry: String, CaseIterable, Hashable, Sendable {
    /// Servers of the own state keep what they may, nobody else may anything.
    case ownStateOnly = "own_state_only"
    case refuseAll = "refuse_all"
}

/// From when until when a policy may be in force: `notBefore ≤ now < expires`.
package struct PolicyValidity: Hashable, Sendable {
    package let notBefore: Timestamp?
    package let expires: Timestamp?
    package let onExpiry: OnExpiry
}

/// What a policy says of its own coming into force and going out of it.
struct PolicyTerms: Sendable {
    /// SHA-256 of the file that must be in force before.
    var previous: Located<Digest>?
    var notBefore: Located<Timestamp>?
    var expires: Located<Timestamp>?
    var onExpiry = OnExpiry.ownStateOnly
    var quorum: Quorum?

    /// Who must have signed, as the policy asks; never less than the node asks.
    struct Quorum: Sendable {
        let need: Located<Int>
        let officers: [Located<OfficerName>]
    }

    /// Nothing for what is not written, so that a policy without terms stays what it was.
    var canonical: [String] {
        var lines: [String] = []
        if let notBefore { lines.append("not_before \(notBefore.value.milliseconds)") }
        if let expires { lines.append("expires \(expires.value.milliseconds) \(onExpiry.rawValue)") }
        if let quorum {
            let names = quorum.officers.map(\.value.text).sorted().joined(separator: ",")
            lines.append("quorum \(quorum.need.value) \(names)")
        }
        return lines
    }
}
