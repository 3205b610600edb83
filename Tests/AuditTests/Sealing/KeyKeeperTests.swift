// SPDX-License-Identifier: Apache-2.0

import PolicyEngine
import Synchronization
import Testing

@testable import Audit

@Suite("The thread that tends the keys of a log")
struct KeyKeeperTests {
    @Test("says once that keys cannot be made, again as long as the log does not take it, and once that they can")
    func notes() throws {
        let (pseudonyms, sealed) = (FaultyKeyFiles(), FaultyKeyFiles())
        let keys = LogKeys(pseudonyms, sealed)
        let said = Mutex<[PrivacyNotice.Kind]>([])
        pseudonyms.fault = .undone
        let keeper = try KeyKeeper(keys, paceMicroseconds: 1000) { notice in
            guard case .privacy(let notice) = notice else { return false }
            return said.withLock { said in
                said.append(notice.kind)
                return said.count > 2
            }
        }
        defer { keeper.stop() }
        func wait(_ count: Int) -> Bool {
            for _ in 0..<10_000 where said.withLock({ $0.count }) < count {
                WakeSignal().wait(atMostMicroseconds: 1000)
            }
            return said.withLock { $0.count } == count
        }
        #expect(wait(3) && keeper.failure?.description.hasPrefix("keys/2") == true)
        pseudonyms.fault = nil
        #expect(wait(4) && keeper.failure == nil)
        let cause = "keys/2"
        for (index, kind) in said.withLock({ $0 }).enumerated() {
            if case .failed(let why) = kind {
                #expect(index < 3 && why.hasPrefix(cause))
            } else {
                #expect(index == 3 && kind == .recovered)
            }
        }
        #expect(keys.pseudonyms.reference(.user, "@a:b", .allow, time: SystemClock.now()) != nil)
    }
}
