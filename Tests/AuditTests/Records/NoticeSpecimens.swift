// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine

@testable import Audit

/// Notices of every kind, with all that they can say and with as little as they can.
enum NoticeSpecimens {
    static func all() throws -> [AuditNotice] {
        let stamp = PolicyStamp(serial: 1, sha256: SHA256.hash([1]), mode: "enforce")
        let digest = SHA256.hash([3])
        let policies: [AuditNotice] = [
            .policyActivated(id: "eu", policy: stamp, previous: stamp, signedBy: ["officer-a", "officer-b"]),
            .policyActivated(id: "eu", policy: stamp, previous: nil),
            .policyExpired(id: "eu", policy: stamp, onExpiry: "own_state_only"),
            .policyDateReached(id: "eu", policy: stamp, rules: ["exceptions.exc-1.until"]),
            .policyRejected(file: "p.yaml", error: "no"),
            .listTaken(name: "ti", version: 7, names: 3, sha256: digest, signer: "CN=List"),
            .listTaken(name: "bad", version: nil, names: 3, sha256: digest, signer: nil),
            .listRejected(name: "ti", error: "no"),
            .listStale(name: "ti", version: 7, names: 3, sha256: digest, refuses: true),
        ]
        let log: [AuditNotice] =
            [
                .start(build: "0.1.0", policy: stamp, cutBytes: 12, binary: digest),
                .start(build: "0.1.0", policy: nil, cutBytes: 0), .stop(reason: "terminated"), .heartbeat(refused: 3),
                .clockStep(microseconds: -5), .unavailable(cause: "disk", refusedFrom: 9),
                .recovered(since: 5, refused: 3, attempts: 2, passedUnrecorded: 1),
                .passedUnrecorded(since: 5, count: 1),
                .certificateReloaded(names: ["a.example"], fingerprint: digest),
                .witnessLost(name: "w", reason: "it cannot be reached"), .witnessBack(name: "w", size: 9),
                .clockSkew(witness: "w", seconds: -61), .clockDistrusted(seconds: 61), .clockTrusted,
                .witnessesMissing(have: 1, need: 2), .witnessesEnough(have: 2, need: 2),
            ]
            + KeyLedger(["log": digest]).changes(since: KeyLedger(["log": SHA256.hash([4]), "tls:x:0": digest]))
            .map { .keyRotated($0) }
        let sinks = [
            SinkNotice.Kind.down(cause: "x"), .up(attempts: 2), .lost(first: 1, last: 9),
            .full(first: 1, ownGoesOn: true),
            .full(first: 1, ownGoesOn: false), .drained,
        ].map { AuditNotice.sink(SinkNotice($0, name: "file /x", format: "cef")) }
        let calls = [
            AdministrationNotice.Call.status, .lockdown, .quarantine, .resume(sink: "file /x"),
            .refused(error: "no `do`"),
        ]
        .map { AuditNotice.administration(AdministrationNotice($0, uid: 1000, pid: 7)) }
        let opening = PrivacyNotice.Opening(number: "2026/17", records: ["4711"], recipient: "age1", uid: 1000)
        let privacy = [
            PrivacyNotice.Kind.failed(cause: "disk"), .recovered, .opened(opening),
            .retention(what: .sealedKeys, .allow, period: "2026-11-21"),
            .retention(what: .pseudonymKey, .refuse, period: "2026-11"),
        ].map { AuditNotice.privacy(PrivacyNotice($0)) }
        return policies + log + privacy + sinks + calls + lockdowns(stamp) + quarantine(digest)
    }

    private static func quarantine(_ request: Digest) -> [AuditNotice] {
        let register = QuarantineRegister(build: nil)
        let now = Timestamp(milliseconds: 5000)
        let once = register.started(after: [request], build: nil, at: now)
        let twice = once.started(after: [request], build: nil, at: now)
        var notices = (once.entries + twice.entries).map(QuarantineNotice.init)
        for (entry, isFull) in (twice.entries.map { ($0, true) } + twice.entries.map { ($0, false) }) {
            var released = QuarantineNotice(entry)
            (released.kind, released.signers, released.isUnsigned) = (.released, isFull ? ["a", "b"] : [], isFull)
            notices.append(released)
        }
        var refused = QuarantineNotice(.refused(error: "no"), request)
        notices.append(refused)
        refused.signers = ["a"]
        return (notices + [refused]).map { .quarantine($0) }
    }

    private static func lockdowns(_ stamp: PolicyStamp) -> [AuditNotice] {
        let lockdown = LockdownInForce(profile: "sever_state", state: CountryCode("RU"))
        let kinds: [LockdownNotice.Kind] = [.on, .off, .expired, .kept, .refused(change: "on", error: "no")]
        return kinds.flatMap { kind -> [AuditNotice] in
            var full = LockdownNotice(kind, lockdown, policy: stamp)
            (full.number, full.until, full.signers, full.isUnsigned) = (7, Timestamp(milliseconds: 5), ["a"], true)
            return [
                .lockdown(full), .lockdown(LockdownNotice(kind, LockdownInForce(profile: "all"), policy: stamp)),
            ]
        }
    }
}
