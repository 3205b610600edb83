// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Whose signatures a node asks for: the officers' keys, pinned in its configuration, and how many must have signed.
package struct OfficerQuorum: Sendable {
    /// One person alone is no quorum. AC-100.
    package static let least = 2
    package static let maxOfficers = 32

    /// At least 2.
    package let need: Int
    package let officers: [OfficerName: VerifyKey]

    package init(need: Int, officers: [OfficerName: VerifyKey]) {
        self.need = need
        self.officers = officers
    }

    /// What came of each signature.
    package struct Count: Hashable, Sendable {
        /// Officers whose signature is over this very policy, sorted.
        package fileprivate(set) var signers: [OfficerName] = []
        /// Signatures that do not count.
        package fileprivate(set) var discounted: [Discounted] = []
    }

    /// A signature that does not count.
    package struct Discounted: Hashable, Sendable {
        /// In the file of signatures of a policy; 0 under an act.
        package var line = 0
        package let why: String
        package let todo: String
    }

    /// Counts the officers who signed `policy`. Signatures for other serials are passed over.
    ///
    /// An officer who stands there twice for one serial does not count at all: it is not clear what was meant.
    package func count(_ signatures: PolicySignatures, of policy: Policy) -> Count {
        let message = PolicySignatures.message(of: policy)
        let entries = signatures.of(serial: policy.serial)
        var count = Count()
        for entry in entries {
            let name = quoted(entry.officer.text)
            func discount(_ why: String, _ todo: String) {
                count.discounted.append(Discounted(line: entry.line, why: why, todo: todo))
            }
            guard let key = officers[entry.officer] else {
                discount(
                    "\(name) is not an officer of this node",
                    "sign as one of \(quotedList(officers.keys.sorted().map(\.text)))")
                continue
            }
            guard entries.count(where: { $0.officer == entry.officer }) == 1 else {
                discount("\(name) has signed twice and counts not at all", "remove all lines but the right one")
                continue
            }
            guard key.isValid(signature: entry.signature, of: message) else {
                discount(
                    "the signature of \(name) is not over these bytes, or not by the key that is pinned for them",
                    "let them sign this very file again")
                continue
            }
            count.signers.append(entry.officer)
        }
        count.signers.sort()
        return count
    }
}

extension OfficerQuorum {
    /// Whose signatures are over an act, sorted, each officer once; and those that do not count.
    func signers<Act: SignedAct>(of act: Act) -> (signers: [OfficerName], discounted: [Discounted]) {
        let message = act.message
        var signers: Set<OfficerName> = []
        var discounted: [Discounted] = []
        for entry in act.signatures {
            let name = quoted(entry.officer.text)
            guard let key = officers[entry.officer] else {
                discounted.append(
                    Discounted(
                        why: "\(name) is not an officer of this node",
                        todo: "sign as one of \(quotedList(officers.keys.sorted().map(\.text)))"))
                continue
            }
            guard key.isValid(signature: entry.signature, of: message) else {
                discounted.append(
                    Discounted(
                        why: "the signature of \(name) is not over this act, or not by the key that is pinned for them",
                        todo: "let them sign this very file again"))
                continue
            }
            signers.insert(entry.officer)
        }
        return (signers.sorted(), discounted)
    }
}

/// Which policies a node takes.
package enum PolicyTrust: Sendable {
    /// Any: who can write the file decides. Said in words in the configuration.
    case unsigned
    case officers(OfficerQuorum)
}
