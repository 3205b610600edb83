// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

@Suite("entente explain", .enabled(if: Entente.isBuilt), .serialized)
struct ExplainTests {
    static let policy = """
        entente: 1
        policy: { id: asked, serial: 3, mode: enforce }
        self: { state: FR, servers: [fr.example] }
        groups: { friends: [DE], others: [NO] }
        tiers:
          own: { may: [discovery, keys, send, profile], edu: [typing] }
          friend: { may: [discovery, keys, send, profile], edu: [typing] }
          other: { may: [discovery, keys, profile] }
          blocked: { may: [] }
        assign: { friends: friend, others: other, unknown: blocked }
        servers:
          - { name: de.example, state: DE }
          - { name: no.example, state: NO }

        """

    private func explain(_ arguments: String...) throws -> Entente.Ended {
        let directory = try TemporaryDirectory()
        let file = try directory.file("asked.yaml", Self.policy)
        return try Entente.run(["explain", "--policy", file] + arguments)
    }

    @Test(
        "allows with 0 and refuses with 1, with the reason",
        arguments: [
            (["--from", "de.example", "--to", "fr.example", "--class", "send"], Int32(0), "tiers.friend.may"),
            (["--from", "de.example", "--class", "media"], 1, "refused (endpoint.refused)"),
            (["--from", "no.example", "--to", "fr.example", "--endpoint", "send"], 1, "asked.yaml:8:"),
            (["--from", "aq.example", "--class", "send"], 1, "origin.unknown"),
            (
                ["--from", "de.example", "--to", "be.example", "--class", "send"], 1,
                "not one of the servers under `self`"
            ),
            (
                [
                    "--from", "de.example", "--request",
                    "GET /_matrix/federation/v1/query/profile?user_id=@a:fr.example",
                ], 0, ""
            ),
            (["--from", "de.example", "--request", "GET /_matrix/federation/v1/../x"], 1, "path.noncanonical"),
            (["--from", "de.example", "--request", "GET /nowhere"], 1, "endpoint.unknown"),
            (["--from", "de.example", "--request", "DELETE /_matrix/federation/v1/send/1"], 1, "endpoint.method"),
            (["--from", "de.example", "--author", "@u:no.example"], 1, "pdu.author_denied"),
            (["--from", "de.example", "--author", "de.example", "--event-type", "m.room.name"], 0, "m.room.name"),
            (["--from", "de.example", "--edu", "m.typing"], 0, "EDU `typing`"),
            (["--from", "de.example", "--edu", "presence"], 1, "edu.refused"),
            (["--from", "de.example", "--edu", "org.odd"], 1, "edu.unknown"),
            (["--from", "fr.example", "--to", "de.example", "--direction", "outbound", "--class", "profile"], 0, ""),
            (["--from", "fr.example", "--direction", "outbound", "--class", "profile"], 2, "needs `--to`"),
            (["--state", "DE", "--class", "send"], 0, "a new server of `DE` would be in tier `friend`"),
            (["--state", "NO", "--to", "fr.example", "--class", "send"], 1, "assign.others"),
            (["--state", "AQ", "--class", "send"], 1, "origin.blocked"),
            (["--state", "UK", "--class", "send"], 2, "write `GB`"),
            (["--from", "de.example", "--sender", "@a:de.example", "--class", "profile"], 0, "user `@a:de.example`"),
            (["--from", "de.example", "--sender", "de.example", "--class", "profile"], 2, "is no user id"),
            (["--from", "de.example", "--msgtype", "m.image"], 0, "msgtype `m.image`"),
            (["--from", "de.example", "--class", "send", "--at", "2026-13-01"], 2, "is no date"),
            (["--from", "de.example", "--class", "send", "--at", "2026-12-01", "--room", "!r:x"], 0, "room `!r:x`"),
            (["--from", "de.example"], 2, "what is asked for"),
            (["--from", "de.example", "--class", "sned"], 2, "did you mean `send`?"),
            (["--from", "de.example", "--endpoint", "nothing_like_it"], 2, "there is no endpoint"),
            (["--from", "de.example", "--class", "send", "--endpoint", "send"], 2, "give one of them"),
            (["--from", "not a name", "--class", "send"], 2, "is no server name"),
            (["--from", "de.example", "--author", "@nobody", "--class", "send"], 2, "is no user id"),
            (["--from", "de.example", "--request", "GET"], 2, "is no method and path"),
            (["--class", "send"], 2, "--from"),
        ])
    func answers(_ arguments: [String], _ status: Int32, _ says: String) throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("asked.yaml", Self.policy)
        let ended = try Entente.run(["explain", "--policy", file] + arguments)
        #expect(ended.status == status, "\(ended.text)\(ended.errors)")
        #expect(says.isEmpty || (ended.text + ended.errors).contains(says), "\(ended.text)\(ended.errors)")
    }

    @Test("answers with one line of JSON if asked")
    func machineReadable() throws {
        let ended = try explain("--from", "no.example", "--class", "send", "--json")
        let answer = try ended.answer()
        #expect(ended.status == 1)
        #expect(answer["allowed"] as? Bool == false)
        #expect(answer["reason_code"] as? String == "endpoint.refused")
        #expect(answer["rule_id"] as? String == "tiers.other.may")
        #expect((answer["steps"] as? [String])?.last?.hasPrefix("verdict: refused") == true)
    }

    @Test("says so when the policy cannot be used")
    func brokenPolicy() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("broken.yaml", "entente: 1\n")
        let broken = try Entente.run(["explain", "--policy", file, "--from", "a.example", "--class", "send"])
        #expect(broken.status == 2)
        #expect(broken.errors.contains("broken.yaml:1:1"))
        let absent = try Entente.run(["explain", "--policy", file + "x", "--from", "a.example", "--class", "send"])
        #expect(absent.status == 2)
        #expect(absent.errors.contains("cannot be opened"))
    }
}
