// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import Testing

@testable import Audit

@Suite("What witnesses say together")
struct ClockTrustTests {
    @Test(
        "AC-95 the clock is doubted when half of the witnesses or more differ by over a minute, and trusted when they agree",
        arguments: [
            ([], false), ([60], false), ([-60], false), ([61], true), ([-61], true), ([.min], true),
            ([0, 0, 900], false),
            ([0, 900], true), ([0, 900, -900], true), ([7, 7, 7], false),
        ] as [([Int64], Bool)])
    func majority(skews: [Int64], isDoubtful: Bool) {
        #expect(ClockTrust.isDoubtful(skews) == isDoubtful)
    }

    @Test("AC-95 each change of mind is said once, and a witness's last word counts until its next")
    func once() {
        let trust = ClockTrust()
        #expect(!trust.isDoubtful && !trust.set(false))
        #expect(trust.set(true) && trust.isDoubtful && !trust.set(true))
        #expect(trust.set(false) && !trust.isDoubtful)
        var state = WitnessState()
        #expect(state.skew == nil)
        _ = state.cosigned(size: 1, skew: 90, at: 1)
        _ = state.failed("gone")
        #expect(state.skew == 90, "to go silent heals nothing")
        _ = state.cosigned(size: 2, skew: 0, at: 2)
        #expect(state.skew == 0)
    }

    @Test("fewer witnesses than needed are said after the grace, once, and enough again at once")
    func quorum() {
        var watch = QuorumWatch()
        #expect(watch.look(have: 2, need: 2, now: 0) == nil)
        #expect(watch.look(have: 1, need: 2, now: 10) == nil)
        #expect(watch.look(have: 2, need: 2, now: 300) == nil, "back within the grace")
        #expect(watch.look(have: 1, need: 2, now: 400) == nil)
        #expect(watch.look(have: 0, need: 2, now: 699) == nil)
        #expect(watch.look(have: 0, need: 2, now: 700) == .missing(have: 0, need: 2) && watch.isMissing)
        #expect(watch.look(have: 1, need: 2, now: 5000) == nil, "it is said already")
        #expect(watch.look(have: 2, need: 2, now: 5001) == .enough(have: 2, need: 2) && !watch.isMissing)
        #expect(watch.look(have: 0, need: 0, now: 9000) == nil, "the policy needs none")
    }

    @Test("keys are recorded when they come, change and go, and a ledger that was damaged begins anew")
    func keys() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "entente-keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        let (a, b) = (SHA256.hash([1]), SHA256.hash([2]))
        let before = KeyLedger(["log": a, "tls:x:0": a, "witness:w": a])
        let now = KeyLedger(["log": a, "tls:x:0": b, "officer:o": b])
        #expect(now.changes(since: now).isEmpty)
        #expect(
            now.changes(since: before) == [
                KeyLedger.Change(use: "officer:o", sha256: b, previous: nil),
                KeyLedger.Change(use: "tls:x:0", sha256: b, previous: a),
                KeyLedger.Change(use: "witness:w", sha256: nil, previous: a),
            ])
        #expect(try KeyLedger.read(in: url.path) == KeyLedger([:]))
        try now.write(in: url.path)
        #expect(try KeyLedger.read(in: url.path) == now)
        let file = url.appending(path: KeyLedger.name)
        for content in ["", "entente keys 1\nkey a\n", "entente keys 1\nkey b \(a.hex)\nkey a \(a.hex)\n"] {
            try Data(content.utf8).write(to: file)
            #expect(try KeyLedger.read(in: url.path) == KeyLedger([:]), "\(content)")
        }
    }
}
