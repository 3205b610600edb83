// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import MatrixFederation
internal import PolicyEngine
internal import Synchronization

extension Node {
    var lockdowns: LockdownRegister { inForce.withLock { $0.lockdowns } }

    /// What came of an act that was handed in.
    struct LockdownOutcome: Sendable {
        var check: LockdownCheck
        /// Four-part messages; empty: it is in force, or ended.
        var refusals: [String]
    }

    /// Looks at an act and does what it says: on record, then on disk, then in force. One that is refused is on record, too.
    func take(_ act: LockdownAct) async throws -> LockdownOutcome {
        try await turns.take {
            let (register, policy) = self.inForce.withLock { ($0.lockdowns, $0.policy) }
            let check = LockdownCheck(
                act, register,
                LockdownCheck.Facts(
                    node: self.configuration.node, policy: policy.policy, trust: self.configuration.policy.trust,
                    now: max(WallClock.system.now, policy.policy.lookedAt ?? WallClock.system.now)))
            guard let next = check.result, let entry = check.entry else {
                return try await self.refuse(act, check, check.messages(of: act), policy)
            }
            var notice = LockdownNotice(act.isOn ? .on : .off, entry, policy: policy.stamp)
            notice.signers = check.signers.map(\.text)
            notice.isUnsigned = self.configuration.policy.isUnsigned
            _ = try await self.log.record(.lockdown(notice))
            do throws(LockdownStore.Fault) {
                try self.lockdownStore.write(next)
            } catch {
                let message = "\(error.description); nothing was changed; \(error.todo)"
                return try await self.refuse(act, check, [message], policy)
            }
            self.put(next)
            self.logger.critical(
                act.isOn ? "a lockdown is in force" : "a lockdown was ended",
                metadata: [
                    "lockdown": "\(act.lockdown.text)", "until": "\(StrictDate.text(entry.until))",
                    "signed_by":
                        "\(check.signers.isEmpty ? "nobody" : check.signers.map(\.text).joined(separator: ", "))",
                ])
            return LockdownOutcome(check: check, refusals: [])
        }
    }

    private func refuse(
        _ act: LockdownAct, _ check: LockdownCheck, _ messages: [String], _ policy: PolicyInForce
    ) async throws -> LockdownOutcome {
        var notice = LockdownNotice(
            .refused(change: act.change.word, error: messages.joined(separator: "\n")), act.lockdown,
            policy: policy.stamp)
        notice.signers = check.signers.map(\.text)
        _ = try await log.record(.lockdown(notice))
        logger.error(
            "a lockdown stays as it is",
            metadata: ["lockdown": "\(act.lockdown.text)", "error": "\(messages.first ?? "")"])
        return LockdownOutcome(check: check, refusals: messages)
    }

    /// Ends what is over. What cannot be recorded or written stays in force, and is tried again.
    func endLockdowns() async throws {
        guard lockdowns.nextEnd.map({ $0 <= WallClock.system.now }) ?? false else { return }
        try await turns.take {
            let (register, policy) = self.inForce.withLock { ($0.lockdowns, $0.policy) }
            let ended = register.ended(at: WallClock.system.now)
            guard !ended.isEmpty else { return }
            for entry in ended {
                _ = try await self.log.record(.lockdown(LockdownNotice(.expired, entry, policy: policy.stamp)))
            }
            let next = register.removing(ended.map(\.lockdown))
            try self.lockdownStore.write(next)
            self.put(next)
            for entry in ended {
                self.logger.critical("the time of a lockdown is over", metadata: ["lockdown": "\(entry.lockdown.text)"])
            }
        }
    }

    /// At a start: which lockdowns are in force from before.
    func recordLockdownsKept() async throws {
        let (register, policy) = inForce.withLock { ($0.lockdowns, $0.policy) }
        for entry in register.entries {
            _ = try await log.record(.lockdown(LockdownNotice(.kept, entry, policy: policy.stamp)))
            logger.critical(
                "a lockdown is in force",
                metadata: ["lockdown": "\(entry.lockdown.text)", "until": "\(StrictDate.text(entry.until))"])
        }
        do throws(LockdownStore.Fault) {
            try lockdownStore.write(register)
        } catch {
            throw StartFailure(description: "\(error.description); the gateway does not start; \(error.todo)")
        }
    }

    /// Puts lockdowns in force: one value takes the place of another.
    private func put(_ register: LockdownRegister) {
        while true {
            let before = policyInForce
            // Compiled outside the lock, which event loops take for the console. At the instant at which dates were looked at
            // last, or one that is reached now would have no record.
            let now = before.policy.lookedAt ?? WallClock.system.now
            let after = PolicyInForce(
                before.policy.under(Circumstances(now: now, lockdowns: register.lockdowns)))
            let isDone = inForce.withLock { inForce in
                // A date was reached, or a list was read, meanwhile.
                guard inForce.policy.policy.isSame(as: before.policy) else { return false }
                inForce.policy = after
                inForce.lockdowns = register
                use(after)
                return true
            }
            if isDone { return }
        }
    }

    /// - Throws: `StartFailure` if a policy has not prepared what is in force: under it nobody would be locked out.
    static func refuseUnknown(_ register: LockdownRegister, in policy: Policy, meanwhile: String) throws {
        let now = WallClock.system.now
        let unknown = policy.unknown(register.entries.filter { $0.until > now }.map(\.lockdown))
        guard !unknown.isEmpty else { return }
        throw StartFailure(
            description: unknown.map { lockdown in
                "\(policy.fileName): lockdown \(quoted(lockdown.text)) is in force, and this policy has not prepared it so; "
                    + "\(meanwhile); add it under `lockdown`, or end it first with `entente lockdown off`"
            }.joined(separator: "\n"))
    }
}

extension LockdownStore {
    /// What its file says, for commands: they leave the log alone.
    ///
    /// - Throws: `StartFailure`.
    func written(meanwhile: String) throws -> LockdownRegister {
        do throws(Fault) {
            return try read() ?? LockdownRegister()
        } catch {
            throw StartFailure(description: "\(error.description); \(meanwhile); \(error.todo)")
        }
    }

    /// - Throws: `StartFailure`.
    func register(meanwhile: String, _ logger: Logger) throws -> LockdownRegister {
        do throws(Fault) {
            if let register = try read() { return register }
        } catch {
            throw StartFailure(description: "\(error.description); \(meanwhile); \(error.todo)")
        }
        let trail = LockdownTrail(in: directory)
        if !trail.isWhole {
            logger.warning(
                "there is no `lockdown.state`, and the log does not begin with its first record: see whether a lockdown was in force"
            )
        }
        return trail.register
    }
}

extension LockdownAct {
    var isOn: Bool {
        switch change {
        case .on: true
        case .off: false
        }
    }

    /// How messages call it.
    var title: String { "lockdown \(change.word) \(lockdown.text)" }
}

extension LockdownCheck {
    /// Why it was refused; the last ones say which signatures do not count.
    func messages(of act: LockdownAct) -> [String] {
        (refusals.map { ($0.what, $0.todo) } + discounted.map { ($0.why, $0.todo) }).map { what, todo in
            "\(act.title): \(what); the lockdown stays as it is; \(todo)"
        }
    }
}

extension PolicySettings {
    var isUnsigned: Bool {
        switch trust {
        case .unsigned: true
        case .officers: false
        }
    }
}
