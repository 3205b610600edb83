// SPDX-License-Identifier: Apache-2.0

import AuditIndex
import Foundation
import Testing

@Suite("Lists of a ledger")
struct LedgerListTests {
    private func rooms(_ count: Int) -> [String] {
        (1...count).map { number in
            let room = String(number, radix: 16)
            return
                #"{"decision":"allow","direction":"inbound","kind":"request","node":"n","origin":{"claimed":"x.example","#
                + #""state":"FR"},"room":"\#(String(repeating: "0", count: 32 - room.count) + room)","seq":\#(number),"#
                + #""time":"2026-07-01T09:30:00.000001Z","v":1}"#
        }
    }

    @Test("say that they are cut when they are, and only then", arguments: [999, 1000, 1001])
    func cut(count: Int) throws {
        let log = try WrittenLog()
        try log.hold(rooms(count))
        _ = try IndexBuild(log: log.path, path: log.index).run(rebuild: false) { _ in }
        let ledger = try LogIndex(path: log.index).ledger(.state("FR"), from: nil, to: nil)
        #expect(ledger.rooms.count == min(count, DisclosureLedger.limit))
        #expect(ledger.cut == (count > DisclosureLedger.limit ? [.rooms] : []))
        #expect(ledger.lines.first?.requests == Int64(count))
    }
}
