// SPDX-License-Identifier: Apache-2.0

extension TierRules {
    /// What is said of events whose author is of the tier.
    ///
    /// - Parameter send: the verdict on the author's own right to `send`.
    func judgeAuthor(_ send: Verdict) -> Verdict {
        if send.isAllowed { return send }
        let refused = Verdict.refused(.pduAuthorDenied, by: send.rule).trying(send.shadow)
        return asAuthor?.value == .redact ? refused.redacting : refused
    }
}

extension Verdict {
    /// The verdict on an author for one event of his: what sets a room's rules is not redacted but refused.
    func forEvent(ofType type: String) -> Verdict {
        guard leavesRedacted, type.isASCII, EventTypes.ruling.contains(type) else { return self }
        return Verdict.refused(reason, by: rule).trying(shadow)
    }
}
