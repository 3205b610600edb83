// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing
import Transport

@Suite("The control socket of a running gateway, AC-103", .enabled(if: Entente.isBuilt), .serialized)
struct ControlSocketTests {
    /// An opening, right but for what is given.
    private func open(number: String = "c", records: String = "1", more: String = "") -> String {
        let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
        return #"{"v":1,"do":"open","case":"\#(number)","records":"\#(records)","recipient":"\#(recipient)"\#(more)}"#
    }

    @Test("what is no call is refused and recorded, and the next one is answered")
    func hostile() throws {
        let node = try LockdownNode(policy: "{ file: policy.yaml, unsigned: accepted }")
        let gateway = try node.start()
        let lines = [
            "", "x", "[]", "{}", #"{"v":1}"#, #"{"v":2,"do":"status"}"#, #"{"v":1,"do":"statu"}"#,
            #"{"v":1,"do":"status","x":1}"#,
            #"{"v":1,"do":"status","do":"status"}"#, #"{"v":1,"do":"lockdown"}"#,
            #"{"v":1,"do":"lockdown","act":"on quiet"}"#,
            #"{"v":1,"do":"lockdown","act":"entente lockdown act 1\nnode fr-1\ndo on\n"}"#, "\u{0}\u{FFFD}",
            #"{"v":1,"do":"open"}"#, #"{"v":1,"do":"open","case":"c","records":"1","recipient":"age1"}"#,
            open(number: "a b"), open(number: ""), open(records: ""), open(records: "0"),
            open(records: "2-1"), open(records: "1 1"), open(records: "1-20000"),
            open(records: (1...65).map(String.init).joined(separator: " ")), open(more: #","x":1"#),
            String(repeating: "[", count: 30_000), String(repeating: "x", count: 40_000), "GET / HTTP/1.1\r",
        ]
        for line in lines {
            let answer = try LocalClient.ask(Array(line.utf8), at: node.socket)
            let members = try #require(try JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any])
            #expect(
                members["ok"] as? Bool == false && (members["errors"] as? [String])?.count == 1, "\(line.prefix(80))")
        }
        #expect(try node.lockdown("status").text.contains("no lockdown is in force"))
        gateway.stop()
        let records = try node.records().filter { $0["kind"] as? String == "admin.refused" }
        #expect(records.count == lines.count)
        #expect(records.allSatisfy { $0["uid"] as? Int == Int(getuid()) && $0["pid"] as? Int ?? 0 > 0 })
    }
}
