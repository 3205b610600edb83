// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import MatrixFederation
internal import PolicyEngine
internal import Synchronization

/// What a node knows of requests that it died of. AC-106.
final class NodeQuarantine: Sendable {
    let slots: ParsingSlots
    let requests: RequestQuarantine
    let store: QuarantineStore
    /// Of which the process before died, newly.
    let found: [QuarantineRegister.Entry]
    let register: Mutex<QuarantineRegister>

    /// - Parameter directory: of the log, whose lock is held.
    init(_ directory: String, build: Digest?, now: Timestamp, _ logger: Logger) throws {
        do throws(DiskFailure) {
            let slots = try ParsingSlots(in: directory)
            self.slots = slots
            store = QuarantineStore(directory: directory)
            let before = try store.read() ?? QuarantineRegister(build: build)
            let register = before.started(after: slots.left, build: build, at: now)
            found = register.entries.filter { slots.left.contains($0.request) }
            requests = RequestQuarantine(slots)
            self.register = Mutex(register)
        } catch {
            throw StartFailure(
                description: "\(directory): \(error); the gateway does not start; see to the disk and its rights")
        }
        use(register.withLock { $0 })
    }

    func use(_ register: QuarantineRegister) {
        let refused = register.entries.filter(\.isQuarantined).map { ($0.request, $0.until) }
        requests.refuse(Dictionary(uniqueKeysWithValues: refused))
    }
}

extension Node {
    var quarantined: QuarantineRegister { quarantine.register.withLock { $0 } }

    /// At a start: what the process before died of, on record, then on disk.
    func recordCrashes() async throws {
        for entry in quarantine.found {
            _ = try await log.record(.quarantine(QuarantineNotice(entry)))
            logger.critical(
                entry.isQuarantined
                    ? "the gateway died again while it read the same request, which is refused now"
                    : "the gateway died while it read a request; if it does again, that one is refused",
                metadata: ["request": "\(entry.request.hex)", "crashes": "\(entry.crashes)"])
        }
        let register = quarantined
        do throws(DiskFailure) {
            try quarantine.store.write(register)
        } catch {
            throw StartFailure(
                description: "\(configuration.auditDirectory): \(error); the gateway does not start; see to the disk")
        }
        // Counted, and never twice.
        quarantine.slots.clear()
    }

    /// Looks at a release and does what it says: on record, then on disk, then in force. One that is refused is on record, too.
    func take(_ release: QuarantineRelease) async throws -> QuarantineCheck {
        try await turns.take {
            let check = QuarantineCheck(
                release, self.quarantined, node: self.configuration.node, trust: self.configuration.policy.trust,
                now: WallClock.system.now)
            guard let next = check.result, let entry = self.quarantined.entry(of: release.request) else {
                var notice = QuarantineNotice(
                    .refused(error: check.refusals.joined(separator: "\n")), release.request)
                notice.signers = check.signers.map(\.text)
                _ = try await self.log.record(.quarantine(notice))
                return check
            }
            var notice = QuarantineNotice(entry)
            notice.kind = .released
            notice.signers = check.signers.map(\.text)
            notice.isUnsigned = self.configuration.policy.isUnsigned
            _ = try await self.log.record(.quarantine(notice))
            try self.quarantine.store.write(next)
            self.quarantine.register.withLock { $0 = next }
            self.quarantine.use(next)
            self.logger.critical(
                "a request of which the gateway had died is let in again",
                metadata: ["request": "\(release.request.hex)"])
            return check
        }
    }
}
