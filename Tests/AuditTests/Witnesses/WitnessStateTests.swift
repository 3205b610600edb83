// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Audit

@Suite("What a log knows of its witnesses")
struct WitnessStateTests {
    @Test("AC-95: a witness's clock that differs by more than five seconds is an alarm, once; a slow answer is none")
    func skew() {
        #expect(WitnessState.skew(of: 1000, askedAt: 1000, answeredAt: 1000) == 0)
        #expect(WitnessState.skew(of: 1007, askedAt: 1000, answeredAt: 1010) == 0, "the answer took ten seconds")
        #expect(WitnessState.skew(of: 1007, askedAt: 1000, answeredAt: 1001) == 6)
        #expect(WitnessState.skew(of: 993, askedAt: 1000, answeredAt: 1001) == -7)
        #expect(WitnessState.skew(of: .max, askedAt: 0, answeredAt: 0) == .max)
        var state = WitnessState()
        #expect(state.cosigned(size: 1, skew: 5, at: 1).isEmpty)
        #expect(state.cosigned(size: 2, skew: 6, at: 2) == [.skewed(6)])
        #expect(state.cosigned(size: 3, skew: 600, at: 3).isEmpty, "it is said already")
        #expect(state.cosigned(size: 4, skew: 0, at: 4).isEmpty)
        #expect(state.cosigned(size: 5, skew: -6, at: 5) == [.skewed(-6)])
        #expect(state.cosigned(size: 6, skew: .min, at: 6).isEmpty)
    }

    @Test("a witness that is lost, and one that is back, are said once each")
    func loss() {
        var state = WitnessState()
        #expect(state.failed("a") == [.lost("a")])
        #expect(state.failed("b").isEmpty && state.lost == "b")
        state.postponed(known: 7)
        #expect(state.lost == "b" && state.known == 7 && state.size == 0)
        #expect(state.cosigned(size: 9, skew: 0, at: 5) == [.back(9)])
        #expect(state.lost == nil && state.size == 9 && state.known == 9 && state.cosignedAt == 5)
        #expect(state.cosigned(size: 9, skew: 0, at: 6).isEmpty)
    }

    @Test("its records are canonical JSON with the members that docs/audit.md names")
    func records() throws {
        for (notice, expected) in [
            (
                AuditNotice.witnessLost(name: "one", reason: "it cannot be reached"),
                #"{"cosigner":"one","kind":"witness.lost","node":"gw-1","reason":"it cannot be reached","seq":4,"#
            ),
            (
                .witnessBack(name: "one", size: 12),
                #"{"cosigner":"one","kind":"witness.back","node":"gw-1","seq":4,"size":12,"#
            ),
            (
                .clockSkew(witness: "one", seconds: -9),
                #"{"cosigner":"one","kind":"clock.skew","node":"gw-1","seq":4,"skew_s":-9,"#
            ),
        ] {
            var encoder = RecordEncoder(node: "gw-1")
            encoder.encode(notice, at: 0)
            let record = encoder.complete(sequence: 4)
            #expect(
                String(decoding: record, as: UTF8.self)
                    == expected + #""time":"1970-01-01T00:00:00.000000Z","v":1}"#)
            #expect(try JSONSerialization.jsonObject(with: Data(record)) is [String: Any])
        }
    }
}
