// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// What became of a lockdown. `lockdown.on` and `lockdown.off` are on disk before they decide anything. AC-102.
package struct LockdownNotice: Sendable {
    package enum Kind: Sendable {
        case on, off
        /// Its time was over.
        case expired
        /// The gateway started, and it was in force already.
        case kept
        /// What was asked for and not done, and why.
        case refused(change: String, error: String)
    }

    package var kind: Kind
    package var lockdown: LockdownInForce
    /// Of the act that put it in force; `nil`: of none.
    package var number: Int64?
    package var until: Timestamp?
    package var policy: PolicyStamp
    /// The officers who count.
    package var signers: [String] = []
    /// The node asks for no signatures: whoever may use the socket decided.
    package var isUnsigned = false

    package init(_ kind: Kind, _ lockdown: LockdownInForce, policy: PolicyStamp) {
        self.kind = kind
        self.lockdown = lockdown
        self.policy = policy
    }

    package init(_ kind: Kind, _ entry: LockdownRegister.Entry, policy: PolicyStamp) {
        self.init(kind, entry.lockdown, policy: policy)
        number = entry.number
        until = entry.until
    }
}

/// One use of the control socket.
package struct AdministrationNotice: Sendable {
    package enum Call: Sendable {
        case status, lockdown, quarantine
        /// Records of that sink are to be passed over.
        case resume(sink: String)
        /// Not dealt with, and why.
        case refused(error: String)
    }

    package let call: Call
    /// Of the process at the other end, as the kernel says.
    package let uid: UInt32
    package let pid: Int32

    package init(_ call: Call, uid: UInt32, pid: Int32) {
        self.call = call
        self.uid = uid
        self.pid = pid
    }
}

extension RecordEncoder {
    /// Those before `seq`, sorted.
    mutating func members(of notice: LockdownNotice) {
        if case .refused(let change, let error) = notice.kind {
            member(#""change":"#, change)
            member(#""error":"#, error)
        }
        switch notice.kind {
        case .on: kind(#""lockdown.on""#)
        case .off: kind(#""lockdown.off""#)
        case .expired: kind(#""lockdown.expired""#)
        case .kept: kind(#""lockdown.kept""#)
        case .refused: kind(#""lockdown.refused""#)
        }
        object(#""lockdown":{"#)
        member(#""argument":"#, notice.lockdown.state?.text)
        member(#""name":"#, notice.lockdown.profile)
        member(#""number":"#, notice.number)
        close()
        nodeMember()
        policy(notice.policy)
    }

    /// Those behind `time`.
    mutating func lastMembers(of notice: LockdownNotice) {
        if notice.isUnsigned { member(#""unsigned":"#, "accepted") }
        if let until = notice.until { time(#""until":"#, microseconds: until.milliseconds * 1000) }
    }

    mutating func members(of notice: AdministrationNotice) {
        switch notice.call {
        case .status: kind(#""admin.status""#)
        case .lockdown: kind(#""admin.lockdown""#)
        case .quarantine: kind(#""admin.quarantine""#)
        case .resume: kind(#""admin.audit_resume""#)
        case .refused(let error):
            member(#""error":"#, error)
            kind(#""admin.refused""#)
        }
        nodeMember()
        member(#""pid":"#, Int(notice.pid))
    }

    /// Those between `seq` and `time`.
    mutating func lastMembers(of notice: AdministrationNotice) {
        guard case .resume(let sink) = notice.call else { return }
        object(#""sink":{"#)
        member(#""name":"#, sink)
        close()
    }
}
