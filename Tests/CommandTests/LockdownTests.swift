// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

@Suite("entente lockdown", .enabled(if: Entente.isBuilt), .serialized)
struct LockdownTests {
    private static let version = "/_matrix/federation/v1/version"

    @Test(
        "AC-102 one officer tightens a running gateway at once, one cannot loosen it, the same twice neither, two can")
    func oneTightensTwoLoosen() throws {
        let node = try LockdownNode()
        let gateway = try node.start()
        let before = try gateway.status(of: Self.version)
        #expect(before != 0 && before != 403)
        #expect(try node.lockdown("status").text.contains("no lockdown is in force"))
        let nobody = try node.lockdown("on", "quiet")
        #expect(
            nobody.status == 1 && nobody.errors.contains("1 officer must sign to switch `quiet` on, and nobody did"))

        let on = try node.lockdown("on", "quiet", "--for", "12h", by: "officer-b")
        #expect(on.status == 0, "\(on.errors)")
        #expect(on.text.contains("IN FORCE: quiet, until 20") && on.text.contains("signed by officer-b"))
        #expect(try gateway.status(of: Self.version) == 403, "in force when the command ends")
        #expect(try node.lockdown("status").text.contains("IN FORCE quiet, number 1, since 20"))

        let one = try node.lockdown("off", "quiet", by: "officer-a")
        #expect(
            one.status == 1 && one.errors.contains("2 officers must sign to switch `quiet` off, and `officer-a` did"))
        let twice = try node.lockdown("off", "quiet", by: "officer-a", "officer-a")
        #expect(twice.status == 1 && twice.errors.contains("2 officers must sign"))
        #expect(try gateway.status(of: Self.version) == 403)
        let two = try node.lockdown("off", "quiet", by: "officer-a", "officer-c")
        #expect(two.status == 0, "\(two.errors)")
        #expect(try gateway.status(of: Self.version) == before)

        gateway.stop()
        #expect(!node.files.exists(node.socket), "removed at the stop")
        let records = try node.records().filter { ($0["kind"] as? String)?.hasPrefix("lockdown.") == true }
        #expect(
            records.map { $0["kind"] as? String } == [
                "lockdown.refused", "lockdown.on", "lockdown.refused", "lockdown.refused", "lockdown.off",
            ])
        let lockdown = try #require(records[1]["lockdown"] as? [String: Any])
        #expect(lockdown["name"] as? String == "quiet" && lockdown["number"] as? Int == 1)
        #expect(records[1]["signed_by"] as? [String] == ["officer-b"])
        #expect((records[1]["policy"] as? [String: Any])?["serial"] as? Int == 3)
        #expect((records[1]["until"] as? String)?.hasPrefix("20") == true)
        #expect(records[4]["signed_by"] as? [String] == ["officer-a", "officer-c"])
        #expect((records[0]["error"] as? String)?.contains("nobody did") == true)
        let kinds = try node.kinds()
        #expect(kinds.count { $0 == "admin.lockdown" } == 5, "AC-103 each call has a record")
        #expect(kinds.count { $0 == "admin.status" } == 7)
    }

    @Test(
        "AC-102 two officers act from two places: one makes and signs the act, the other signs the file, anyone hands it in"
    )
    func twoPlaces() throws {
        let node = try LockdownNode()
        let gateway = try node.start()
        #expect(try node.lockdown("on", "quiet", by: "officer-a").status == 0)
        let act = node.files.path("off.act")
        let made = try node.lockdown("off", "quiet", "--act", act, by: "officer-a")
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.text.contains("1 more officer must sign: `entente lockdown sign "), "\(made.text)")
        #expect(try node.lockdown("submit", act).status == 1, "one signature is not enough")
        let signed = try node.lockdown("sign", act, by: "officer-b")
        #expect(signed.status == 0, "\(signed.errors)")
        #expect(signed.errors.contains("ENDS quiet, which act number 1 put in force"), "read before it is signed")
        #expect(try node.lockdown("submit", act).text.contains("ended: quiet; signed by officer-a, officer-b"))
        #expect(try node.lockdown("on", "quiet", by: "officer-c").status == 0)
        let replayed = try node.lockdown("submit", act)
        #expect(replayed.status == 1 && replayed.errors.contains("the act ends number 1, and number 2 is in force"))
        #expect(try gateway.status(of: Self.version) == 403, "a replayed act opens nothing")

        let other = node.files.path("other.act")
        _ = try node.files.directory.file(
            "other.act", try node.files.text(act).replacing("lifts 1", with: "lifts 2"))
        #expect(try node.lockdown("submit", other).errors.contains("the signature of `officer-a` is not over this act"))
        _ = try node.files.directory.file(
            "other.act", try node.files.text(act).replacing("node fr-1", with: "node fr-2"))
        #expect(try node.lockdown("submit", other).errors.contains("the act is for node `fr-2`"))
        gateway.stop()
    }

    @Test("AC-102 what is in force outlives kill -9 and a stale socket, and ends by itself at its time")
    func restart() throws {
        let node = try LockdownNode()
        var gateway = try node.start()
        #expect(try node.lockdown("on", "sever_state", "NO", by: "officer-a").status == 0)
        #expect(try node.lockdown("on", "quiet", by: "officer-a").status == 0)
        gateway.killNine()
        #expect(node.files.exists(node.socket), "nobody was there to remove it")
        gateway = try node.start()
        #expect(try gateway.status(of: Self.version) == 403)
        let status = try node.lockdown("status", "--json").answer()
        let inForce = try #require(status["in_force"] as? [[String: Any]])
        #expect(inForce.map { $0["name"] as? String } == ["quiet", "sever_state"])
        #expect(inForce.map { $0["argument"] as? String } == ["none", "NO"])
        #expect(try node.kinds().count { $0 == "lockdown.kept" } == 2)
        gateway.stop()

        // Its time passes while nobody runs: the first thing at the next start.
        let state = try node.files.text(node.files.path("etc/audit/lockdown.state"))
        try node.files.rewriteState { $0.replacing(/quiet(.*)until \S+/) { "quiet\($0.1)until 2026-01-01T00:00:00Z" } }
        gateway = try node.start()
        try gateway.waitForEnd(of: "quiet")
        #expect(try gateway.status(of: Self.version) != 403)
        #expect(try node.kinds().contains("lockdown.expired"))
        #expect(state != (try node.files.text(node.files.path("etc/audit/lockdown.state"))))
        gateway.stop()
    }

    @Test("AC-102 a lockdown ends by itself while the gateway runs, with a record")
    func expires() throws {
        let node = try LockdownNode()
        let gateway = try node.start()
        #expect(try node.lockdown("on", "quiet", "--for", "2s", by: "officer-a").status == 0)
        try gateway.waitForEnd(of: "quiet")
        #expect(try gateway.status(of: Self.version) != 403)
        #expect(try node.lockdown("status").text.contains("no lockdown is in force"))
        gateway.stop()
        #expect(try node.kinds().contains("lockdown.expired"))
    }

    @Test("AC-102 a state file that is not what was written keeps the gateway from starting, and says what to do")
    func damaged() throws {
        let node = try LockdownNode()
        let gateway = try node.start()
        #expect(try node.lockdown("on", "quiet", by: "officer-a").status == 0)
        gateway.stop()
        let state = try node.files.text(node.files.path("etc/audit/lockdown.state"))
        for text in ["", "x", String(state.dropLast()), state.replacing("number 1", with: "number 0"), state + state] {
            _ = try node.files.directory.file("etc/audit/lockdown.state", text)
            let served = try Entente.run(["serve", "--config", node.files.configuration])
            #expect(served.status == 1, "\(text)")
            #expect(
                served.errors.contains("lockdown.state")
                    && served.errors.contains("put back the copy of it, or remove it"))
        }
        try FileManager.default.removeItem(atPath: node.files.path("etc/audit/lockdown.state"))
        let again = try node.start()
        #expect(try again.status(of: Self.version) == 403, "lost, the log knows")
        #expect(try node.lockdown("status").text.contains("IN FORCE quiet, number 1"))
        #expect(try node.lockdown("on", "sever_state", "NO", by: "officer-a").status == 0, "and which number is next")
        again.stop()
    }

    @Test("AC-102 a reload keeps the lockdown, and a policy that has not prepared it is refused")
    func reload() throws {
        let node = try LockdownNode()
        let gateway = try node.start()
        #expect(try node.lockdown("on", "quiet", by: "officer-a").status == 0)
        try node.install(serial: 4, lockdowns: "")
        gateway.hangUp()
        try gateway.wait(for: "lockdown `quiet` is in force, and this policy has not prepared it so")
        #expect(try gateway.status(of: Self.version) == 403)
        #expect(try node.lockdown("status").text.contains("policy asked, serial 3"))
        try node.install(serial: 5)
        gateway.hangUp()
        try gateway.wait(for: "policy and certificates were read again")
        #expect(try node.lockdown("status").text.contains("policy asked, serial 5"))
        #expect(try gateway.status(of: Self.version) == 403, "under the new policy as under the old one")
        #expect(try node.lockdown("off", "quiet", by: "officer-a", "officer-b").status == 0)
        try node.install(serial: 6, lockdowns: "")
        gateway.hangUp()
        try gateway.wait(for: "policy and certificates were read again")
        gateway.stop()
        #expect(try node.kinds().contains("policy.rejected"))
    }

    @Test("a node that takes unsigned policies asks for the socket alone, and its record says that nobody signed")
    func unsigned() throws {
        let node = try LockdownNode(policy: "{ file: policy.yaml, unsigned: accepted }")
        let gateway = try node.start()
        let on = try node.lockdown("on", "two")
        #expect(on.status == 0 && on.text.contains("nobody signed: this node asks for no signatures"), "\(on.errors)")
        #expect(try node.lockdown("off", "two").status == 0)
        gateway.stop()
        let record = try #require(try node.records().first { $0["kind"] as? String == "lockdown.on" })
        #expect(record["unsigned"] as? String == "accepted" && record["signed_by"] == nil)
    }

    @Test("what cannot be is said in words: no socket, no such profile, no state, too long, a shorter time")
    func refusals() throws {
        let node = try LockdownNode()
        let absent = try node.lockdown("status")
        #expect(absent.status == 2 && absent.errors.contains("no such file"), "\(absent.errors)")
        let gateway = try node.start()
        let unknown = try node.lockdown("on", "queit", by: "officer-a")
        #expect(unknown.status == 1 && unknown.errors.contains("has not prepared it"), "\(unknown.errors)")
        #expect(try node.lockdown("on", "sever_state", by: "officer-a").status == 2)
        #expect(try node.lockdown("on", "sever_state", "UK", by: "officer-a").errors.contains("GB"))
        let long = try node.lockdown("on", "quiet", "--for", "4d", by: "officer-a")
        #expect(long.status == 1 && long.errors.contains("345600 s is longer than `quiet` may last"), "\(long.errors)")
        #expect(try node.lockdown("off", "quiet", by: "officer-a").errors.contains("it is not in force"))
        #expect(try node.lockdown("on", "quiet", "--for", "2h", by: "officer-a").status == 0)
        let shorter = try node.lockdown("on", "quiet", "--for", "1h", by: "officer-a")
        #expect(
            shorter.status == 1 && shorter.errors.contains("to end it earlier is to loosen it"), "\(shorter.errors)")
        #expect(try node.lockdown("on", "quiet", "--for", "3h", by: "officer-c").status == 0, "prolonged")
        let second = try Entente.run(["serve", "--config", node.files.configuration])
        #expect(second.status == 1 && second.errors.contains("the gateway does not start"))
        #expect(try node.lockdown("status").status == 0, "the first one answers still")
        gateway.stop()
    }
}

extension RunningGateway {
    func waitForEnd(of lockdown: String) throws { try wait(for: "the time of a lockdown is over") }
}

extension SigningNode {
    /// Another content of the state file, with its sum put right.
    func rewriteState(_ change: (String) -> String) throws {
        let file = path("etc/audit/lockdown.state")
        let lines = try text(file).split(separator: "\n").dropLast().joined(separator: "\n") + "\n"
        let body = change(lines)
        let sum = Process()
        let output = Pipe()
        sum.executableURL = URL(filePath: "/usr/bin/sha256sum")
        sum.arguments = [try directory.file("body", body)]
        sum.standardOutput = output
        try sum.run()
        sum.waitUntilExit()
        let hex = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).prefix(64)
        _ = try directory.file("etc/audit/lockdown.state", body + "sha256 \(hex)\n")
    }
}
