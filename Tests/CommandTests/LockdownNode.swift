// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import Testing

/// A node with three officers, a policy with lockdowns in force on it, and its gateway.
final class LockdownNode {
    let files: SigningNode
    let port: Int
    var socket: String { files.path("etc/control") }

    static let lockdowns = """
        lockdown:
          quiet: { refuse: [discovery], max: 72h }
          sever_state: { argument: state, max: 30d }
          two: { refuse: [media], tighten_needs: 2, max: 1h }

        """

    /// - Parameter policy: the value of `policy` in the configuration; `KEYS` stands for the officers' keys.
    init(policy: String = "{ file: policy.yaml, officers: { KEYS }, need: 2 }") throws {
        files = try SigningNode(policy: policy)
        port = try RunningGateway.freePort()
        let text = try files.text(files.configuration).replacing("127.0.0.1:8448", with: "127.0.0.1:\(port)")
        _ = try files.directory.file("etc/gateway.yaml", text + "control: { socket: control }\n")
        try install(serial: 3)
    }

    /// Signed, and not yet where the gateway reads it.
    func write(serial: Int, lockdowns: String = LockdownNode.lockdowns) throws {
        try files.write(serial: serial)
        _ = try files.directory.file("policy.yaml", try files.text(files.policy) + lockdowns)
        if try files.text(files.configuration).contains("officers:") {
            for officer in ["officer-a", "officer-b"] { try files.sign(officer) }
        }
    }

    func install(serial: Int, lockdowns: String = LockdownNode.lockdowns) throws {
        try write(serial: serial, lockdowns: lockdowns)
        let ended = try files.activate()
        try #require(ended.status == 0, "\(ended.errors)")
    }

    func start() throws -> RunningGateway { try RunningGateway(configuration: files.configuration, port: port) }

    /// `entente lockdown …`, with the keys of these officers.
    func lockdown(_ arguments: String..., by officers: String...) throws -> Entente.Ended {
        let keys = officers.flatMap { ["--officer-key", files.path("\($0).key")] }
        return try Entente.run(
            ["lockdown"] + arguments + (["sign"].contains(arguments[0]) ? [] : ["--config", files.configuration]) + keys
                + (keys.isEmpty ? [] : ["--passphrase-file", files.path("pass")]))
    }

    /// Kinds of the records so far, those of requests left out.
    func kinds() throws -> [String] { try records().compactMap { $0["kind"] as? String } }

    /// Records with a kind, in order.
    func records() throws -> [[String: Any]] {
        var reader = LogReader(directory: files.path("etc/audit"))
        var records: [[String: Any]] = []
        while let entry = try reader.next() {
            let json = try JSONSerialization.jsonObject(with: Data(entry.record))
            records.append(try #require(json as? [String: Any]))
        }
        return records
    }
}
