// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// `users`: which users of a tier's servers are turned away, and who may invite whom.
struct UserRules: Sendable {
    /// Users of the tier's servers whose localpart matches are refused as senders, targets and members. AC-112.
    var refuseLocalparts: WrittenList<TextPattern>?
    /// Only these users of the tier's servers may invite ours.
    var inviteFrom: WrittenList<TextPattern>?
    /// Only these users of ours may be invited by the tier's servers.
    var inviteTo: WrittenList<TextPattern>?

    var isEmpty: Bool { refuseLocalparts == nil && inviteFrom == nil && inviteTo == nil }

    func inheriting(_ base: UserRules) -> UserRules {
        var refused = refuseLocalparts ?? base.refuseLocalparts
        if let own = refuseLocalparts, let inherited = base.refuseLocalparts {
            refused = WrittenList(elements: own.elements + inherited.elements, rule: own.rule)
        }
        return UserRules(
            refuseLocalparts: refused, inviteFrom: inviteFrom ?? base.inviteFrom, inviteTo: inviteTo ?? base.inviteTo)
    }

    /// - Parameter user: `@localpart:server`, of a server of this tier; upper and lower case are alike.
    func judge(user: String) -> Finding? {
        guard let refuseLocalparts else { return nil }
        // Old localparts may have upper-case letters: a change of case is no way round.
        let localpart = user.utf8.dropFirst().prefix { $0 != UInt8(ascii: ":") }
            .map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        for pattern in refuseLocalparts.elements where pattern.value.matches(localpart) {
            return .refused(.userBridgeDenied, pattern.rule)
        }
        return nil
    }

    /// An invitation by a user of a server of this tier to one of ours.
    func judge(inviteBy sender: String, to target: String) -> Finding? {
        if let inviteFrom, !inviteFrom.elements.contains(where: { $0.value.matches(sender.utf8) }) {
            return .refused(.inviteSenderDenied, inviteFrom.rule)
        }
        if let inviteTo, !inviteTo.elements.contains(where: { $0.value.matches(target.utf8) }) {
            return .refused(.inviteTargetDenied, inviteTo.rule)
        }
        return nil
    }

    var canonical: [String] {
        var lines: [String] = []
        for (key, list) in [
            ("refuse_localparts", refuseLocalparts), ("invite_from", inviteFrom), ("invite_to", inviteTo),
        ] {
            guard let list else { continue }
            let texts = Set(list.elements.map(\.value.text)).sorted()
            lines.append("users.\(key) \(texts.joined(separator: " "))")
        }
        return lines
    }
}
