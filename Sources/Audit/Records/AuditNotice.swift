// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// A record about the gateway itself.
package enum AuditNotice: Sendable {
    /// The log was opened. `cutBytes`: what an unclean stop had left half written, and was cut off. `binary`: SHA-256 of the
    /// program that runs.
    case start(build: String, policy: PolicyStamp?, cutBytes: Int, binary: Digest? = nil)
    /// The gateway runs; its absence says the contrary.
    case heartbeat(refused: UInt64)
    /// The clock was set, forward or back, by so many microseconds.
    case clockStep(microseconds: Int64)
    case stop(reason: String)
    /// A policy came into force. `previous`: what it replaces, nothing at a start. `signedBy`: the officers who count.
    case policyActivated(id: String, policy: PolicyStamp, previous: PolicyStamp?, signedBy: [String] = [])
    /// The policy in force ran out, and from then on is what its `on_expiry` leaves.
    case policyExpired(id: String, policy: PolicyStamp, onExpiry: String)
    /// Dates in the policy in force were reached; what they are of by the ids of its rules.
    case policyDateReached(id: String, policy: PolicyStamp, rules: [String])
    /// A policy was offered and not taken; the one before stays in force.
    case policyRejected(file: String, error: String)
    /// A list of servers that somebody else keeps came into force. `names`: how many servers it has.
    case listTaken(name: String, version: Int64?, names: Int, sha256: Digest, signer: String?)
    /// A list was offered and not taken; the one before goes on until it is too old.
    case listRejected(name: String, error: String)
    /// A list became too old. `refuses`: whether its servers are refused now.
    case listStale(name: String, version: Int64?, names: Int, sha256: Digest, refuses: Bool)
    /// A lockdown came into force, ended, or did not.
    case lockdown(LockdownNotice)
    /// The gateway died while it read a request, or one is let in again. AC-106.
    case quarantine(QuarantineNotice)
    /// Somebody used the control socket. AC-103.
    case administration(AdministrationNotice)
    /// Keys that hide persons could not be made or were destroyed, or an auditor opened records.
    case privacy(PrivacyNotice)
    /// A sink went down, came back or has lost records. AC-94.
    case sink(SinkNotice)
    /// - Parameter names: the names in the certificate; `fingerprint`: SHA-256 of it.
    case certificateReloaded(names: [String], fingerprint: Digest)
    /// A witness did not cosign the log's checkpoint, and from then on none of its cosignatures is current.
    case witnessLost(name: String, reason: String)
    /// It cosigns again; `size`: how many records.
    case witnessBack(name: String, size: UInt64)
    /// A witness's clock and ours differ by so many seconds; ours is behind where it is above 0. AC-95.
    case clockSkew(witness: String, seconds: Int64)
    /// The witnesses' clocks differ from ours so much that no key is valid by it; ours is behind where it is above 0. AC-95.
    case clockDistrusted(seconds: Int64)
    /// They agree again.
    case clockTrusted
    /// Fewer witnesses cosign than the policy needs, for longer than a while.
    case witnessesMissing(have: Int, need: Int)
    /// Enough do again.
    case witnessesEnough(have: Int, need: Int)
    /// A key that the node uses is another one than when it looked last.
    case keyRotated(KeyLedger.Change)
    /// Records could not be stored from then on. `refusedFrom`: the sequence number that was not given.
    case unavailable(cause: String, refusedFrom: UInt64)
    /// Records can be stored again. `refused`: how many were turned away in between.
    /// `passedUnrecorded`: how many requests of the own state passed without a record.
    case recovered(since: Int64, refused: UInt64, attempts: Int, passedUnrecorded: UInt64)
    /// Requests of the own state passed without a record. Only in the file for emergencies, while there is no log.
    case passedUnrecorded(since: Int64, count: UInt64)
}

extension RecordEncoder {
    /// - Parameter microseconds: when it happened.
    mutating func encode(_ notice: AuditNotice, at microseconds: Int64) {
        begin()
        switch notice {
        case .start(let build, let policy, let cutBytes, let binary):
            digest(#""binary_sha256":"#, binary)
            member(#""build":"#, build)
            member(#""cut_bytes":"#, cutBytes)
            kind(#""log.start""#)
            nodeMember()
            self.policy(policy)
        case .heartbeat(let refused):
            kind(#""log.heartbeat""#)
            nodeMember()
            member(#""refused":"#, refused)
        case .clockStep:
            kind(#""clock.step""#)
            nodeMember()
        case .stop(let reason):
            kind(#""log.stop""#)
            nodeMember()
            member(#""reason":"#, reason)
        case .policyActivated(let id, let policy, let previous, _):
            kind(#""policy.activated""#)
            nodeMember()
            self.policy(policy)
            member(#""policy_id":"#, id)
            stamp(#""previous":"#, previous)
        case .policyExpired(let id, let policy, let onExpiry):
            kind(#""policy.expired""#)
            nodeMember()
            member(#""on_expiry":"#, onExpiry)
            self.policy(policy)
            member(#""policy_id":"#, id)
        case .policyDateReached(let id, let policy, let rules):
            kind(#""policy.date_reached""#)
            nodeMember()
            self.policy(policy)
            member(#""policy_id":"#, id)
            object(#""rules":["#)
            for rule in rules.prefix(64) { text(rule) }
            closeArray()
        case .policyRejected(let file, let error):
            member(#""error":"#, error)
            member(#""file":"#, file)
            kind(#""policy.rejected""#)
            nodeMember()
        case .lockdown(let notice): members(of: notice)
        case .quarantine(let notice): members(of: notice)
        case .administration(let notice): members(of: notice)
        case .privacy(let notice): members(of: notice)
        case .sink(let notice): members(of: notice)
        case .certificateReloaded(let names, let fingerprint):
            certificate(names, fingerprint)
            kind(#""certificate.reloaded""#)
            nodeMember()
        case .listTaken(let name, let version, let names, let sha256, let signer):
            kind(#""list.taken""#)
            list(name, version, names, sha256, signer)
            nodeMember()
        case .listRejected(let name, let error):
            member(#""error":"#, error)
            kind(#""list.rejected""#)
            list(name, nil, nil, nil, nil)
            nodeMember()
        case .listStale(let name, let version, let names, let sha256, let refuses):
            kind(#""list.stale""#)
            list(name, version, names, sha256, nil)
            nodeMember()
            member(#""now":"#, refuses ? "refused" : "kept")
        case .witnessLost(let name, let reason):
            member(#""cosigner":"#, name)
            kind(#""witness.lost""#)
            nodeMember()
            member(#""reason":"#, reason)
        case .witnessBack(let name, _):
            member(#""cosigner":"#, name)
            kind(#""witness.back""#)
            nodeMember()
        case .clockSkew(let witness, _):
            member(#""cosigner":"#, witness)
            kind(#""clock.skew""#)
            nodeMember()
        case .clockDistrusted:
            kind(#""clock.distrusted""#)
            nodeMember()
        case .clockTrusted:
            kind(#""clock.trusted""#)
            nodeMember()
        case .witnessesMissing(let have, let need):
            member(#""have":"#, have)
            kind(#""witness.missing""#)
            member(#""need":"#, need)
            nodeMember()
        case .witnessesEnough(let have, let need):
            member(#""have":"#, have)
            kind(#""witness.enough""#)
            member(#""need":"#, need)
            nodeMember()
        case .keyRotated(let change):
            object(#""key":{"#)
            digest(#""previous":"#, change.previous)
            digest(#""sha256":"#, change.sha256)
            member(#""use":"#, change.use)
            close()
            kind(#""key.rotated""#)
            nodeMember()
        case .unavailable(let cause, let refusedFrom):
            member(#""cause":"#, cause)
            kind(#""audit.unavailable""#)
            nodeMember()
            member(#""refused_from":"#, refusedFrom)
        case .passedUnrecorded(_, let count):
            kind(#""audit.passed_unrecorded""#)
            nodeMember()
            member(#""passed_unrecorded":"#, count)
        case .recovered(_, let refused, let attempts, let passed):
            member(#""attempts":"#, attempts)
            kind(#""audit.recovered""#)
            nodeMember()
            member(#""passed_unrecorded":"#, passed)
            member(#""refused":"#, refused)
        }
        sequence()
        if case .witnessBack(_, let size) = notice { member(#""size":"#, size) }
        if case .clockSkew(_, let seconds) = notice { member(#""skew_s":"#, seconds) }
        if case .clockDistrusted(let seconds) = notice { member(#""skew_s":"#, seconds) }
        if case .clockStep(let microseconds) = notice { member(#""step_us":"#, microseconds) }
        if case .policyActivated(_, _, _, let signers) = notice { signedBy(signers) }
        if case .lockdown(let notice) = notice { signedBy(notice.signers) }
        if case .quarantine(let notice) = notice { signedBy(notice.signers) }
        if case .recovered(let since, _, _, _) = notice { time(#""since":"#, microseconds: since) }
        if case .passedUnrecorded(let since, _) = notice { time(#""since":"#, microseconds: since) }
        if case .sink(let notice) = notice { lastMembers(of: notice) }
        if case .administration(let notice) = notice { lastMembers(of: notice) }
        time(#""time":"#, microseconds: microseconds)
        if case .lockdown(let notice) = notice { lastMembers(of: notice) }
        if case .quarantine(let notice) = notice { lastMembers(of: notice) }
        if case .administration(let notice) = notice { member(#""uid":"#, Int(notice.uid)) }
        if case .privacy(let notice) = notice, case .opened(let opening) = notice.kind {
            member(#""uid":"#, Int(opening.uid))
        }
        end()
    }

    private mutating func signedBy(_ signers: [String]) {
        guard !signers.isEmpty else { return }
        object(#""signed_by":["#)
        for signer in signers.prefix(32) { text(signer) }
        closeArray()
    }

    private mutating func list(
        _ name: String, _ version: Int64?, _ names: Int?, _ sha256: Digest?, _ signer: String?
    ) {
        object(#""list":{"#)
        member(#""name":"#, name)
        member(#""names":"#, names)
        digest(#""sha256":"#, sha256)
        member(#""signer":"#, signer)
        member(#""version":"#, version)
        close()
    }

    private mutating func certificate(_ names: [String], _ fingerprint: Digest) {
        object(#""certificate":{"#)
        object(#""names":["#)
        for name in names.prefix(32) { text(name) }
        closeArray()
        member(#""sha256":"#, fingerprint.hex)
        close()
    }
}
