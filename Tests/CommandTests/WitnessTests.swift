// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

@Suite("Witnesses of a running gateway", .enabled(if: Entente.isBuilt), .serialized)
struct WitnessTests {
    private let node: LockdownNode
    private let witnessPort: Int
    private let witness: String
    private let stranger: String
    private let log: String

    init() throws {
        node = try LockdownNode(policy: "{ file: policy.yaml, unsigned: accepted }")
        witnessPort = try RunningGateway.freePort()
        let directory = node.files.directory.url
        func made(_ kind: String, _ name: String, _ key: String) throws -> String {
            let ended = try Entente.run(
                ["keygen", kind, "--name", name, "--out", directory.appending(path: key).path])
            try #require(ended.status == 0, "\(ended.errors)")
            return ended.text.trimmingCharacters(in: .newlines)
        }
        witness = try made("witness", "witness.example/w1", "w1.key")
        stranger = try made("witness", "witness.example/w2", "w2.key")
        log = try made("log", "gateway.example/log", "etc/audit.key")
        let text = try node.files.text(node.files.configuration)
        _ = try node.files.directory.file(
            "etc/gateway.yaml",
            text.replacing(
                "audit: { directory: audit }",
                with: """
                    audit:
                      directory: audit
                      key: audit.key
                      witness_seconds: 1
                      witnesses: { one: { url: "http://127.0.0.1:\(witnessPort)/", key: "\(witness)" } }
                    """))
    }

    private var audit: String { node.files.path("etc/audit") }

    private func start(_ state: String = "w1.state") throws -> RunningWitness {
        try RunningWitness(options("w1", state), port: witnessPort)
    }

    private func options(_ name: String, _ state: String) -> [String] {
        ["--key", node.files.path("\(name).key"), "--state", node.files.path(state), "--trust", log]
    }

    private func verify(_ arguments: [String], _ directory: String? = nil) throws -> Entente.Ended {
        try Entente.run(["audit", "verify", "--log", directory ?? audit, "--key", log] + arguments)
    }

    private func copy(to name: String) throws -> String {
        try FileManager.default.copyItem(atPath: audit, toPath: node.files.path(name))
        return node.files.path(name)
    }

    @Test(
        "AC-91, AC-92: checkpoints are cosigned while the gateway runs, a witness that goes is missed, and a log that went back finds none"
    )
    func whole() throws {
        var server = try start()
        let gateway = try node.start()
        try server.wait(for: "200 cosigned gateway.example/log")
        server.killNine()
        _ = try gateway.status(of: "/_matrix/federation/v1/version")
        try gateway.wait(for: "a witness does not cosign: it cannot be reached")
        #expect(try gateway.status(of: "/_matrix/federation/v1/version") != 0, "the log goes on")
        server = try start()
        try gateway.wait(for: "a witness cosigns again")
        let early = try copy(to: "early")
        for _ in 0..<5 { _ = try gateway.status(of: "/_matrix/federation/v1/version") }
        try server.wait(for: "200 cosigned")
        try server.wait(for: "200 cosigned")
        gateway.stop()
        server.killNine()

        let good = try verify(["--witness", witness])
        #expect(good.status == 0, "\(good.errors)")
        #expect(good.text.contains("are what 1 of 1 witnesses saw, too"))
        #expect(try verify(["--witness", witness, "--witness", stranger, "--need", "1"]).status == 0)
        #expect(try verify(["--witness", witness, "--witness", stranger]).status == 1)
        #expect(try verify(["--witness", stranger]).status == 1)
        #expect(try verify(["--witness", witness, "--need", "2"]).status == 2)

        // Yesterday's copy with today's cosignatures is behind what the witness saw.
        let cosigned = audit + "/checkpoint.cosigned"
        let back = try verify(["--witness", witness, "--cosigned", cosigned], early)
        #expect(back.status == 1 && back.errors.contains("checkpoint"), "\(back.errors)")

        // The gateway that goes on from the copy does not get a cosignature, and says why.
        server = try start()
        try FileManager.default.removeItem(atPath: audit)
        try FileManager.default.copyItem(atPath: early, toPath: audit)
        let again = try node.start()
        try again.wait(for: "a witness does not cosign: it has seen")
        again.stop()
        server.killNine()
    }

    @Test("AC-91: what a courier carries is cosigned as on the network")
    func courier() throws {
        let gateway = try node.start()
        gateway.stop()
        let request = try Entente.run(["witness", "request", "--log", audit, "--key", log])
        #expect(request.status == 0, "\(request.errors)")
        let carried = try node.files.directory.file("request", request.output).path
        let signed = try Entente.run(["witness", "sign"] + options("w2", "w2.state") + [carried])
        #expect(signed.status == 0, "\(signed.errors)")
        let lines = try node.files.directory.file("lines", signed.output).path
        func keep(_ key: String) throws -> Entente.Ended {
            try Entente.run(["witness", "keep", "--log", audit, "--key", log, "--witness", key, carried, lines])
        }
        let kept = try keep(stranger)
        #expect(kept.status == 0, "\(kept.errors)")
        #expect(try keep(witness).status == 1)
        let cosigned = try node.files.directory.file("cosigned", kept.output).path
        #expect(try verify(["--witness", stranger]).status == 1)
        #expect(try verify(["--witness", stranger, "--cosigned", cosigned]).status == 0)
        let old = try Entente.run(["witness", "request", "--log", audit, "--key", log, "--old", "1"])
        let other = try node.files.directory.file("other", old.output).path
        let refused = try Entente.run(["witness", "sign"] + options("w2", "w2.state") + [other])
        #expect(refused.status == 1 && refused.output.isEmpty && refused.errors.contains("the last size is"))
        #expect(try Entente.run(["witness", "request", "--log", audit, "--key", log, "--old", "9999"]).status == 1)
    }

    @Test("a witness answers as C2SP tlog-witness has it")
    func statuses() throws {
        let gateway = try node.start()
        gateway.stop()
        let server = try start()
        let request = try Entente.run(["witness", "request", "--log", audit, "--key", log]).output
        let text = String(decoding: request, as: UTF8.self)
        #expect(try ask(request).hasPrefix("200 text/plain"))
        #expect(try ask(request).hasPrefix("409 text/x.tlog.size"), "its old size is 0 no longer")
        let altered = text.replacing("gateway.example/log", with: "gateway.example/fog")
        #expect(try ask(Array(altered.utf8)).hasPrefix("404 "))
        // Another root, under the old signature.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let forged = text.replacing(lines[4], with: "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
        #expect(try ask(Array(forged.utf8)).hasPrefix("403 "))
        #expect(try ask(Array("old x\n".utf8)).hasPrefix("400 "))
        #expect(try ask([UInt8](repeating: 0x41, count: 1 << 17)).hasPrefix("413 "))
        #expect(try ask(request, "/other").hasPrefix("404 "))
        #expect(try ask(nil).hasPrefix("405 "))
        server.killNine()
    }

    /// - Parameter body: `nil`: a GET.
    /// - Returns: status and content type.
    private func ask(_ body: [UInt8]?, _ path: String = "/add-checkpoint") throws -> String {
        let asking = Process()
        let output = Pipe()
        asking.executableURL = URL(filePath: "/usr/bin/curl")
        var arguments = ["-s", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code} %{content_type}"]
        if let body {
            let file = try node.files.directory.file("body", body).path
            arguments += ["-H", "Expect:", "-H", "Content-Type: text/plain", "--data-binary", "@\(file)"]
        }
        asking.arguments = arguments + ["http://127.0.0.1:\(witnessPort)\(path)"]
        asking.standardOutput = output
        try asking.run()
        asking.waitUntilExit()
        return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
}
