// SPDX-License-Identifier: Apache-2.0

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

    func install(serial: Int, lockdowns: String = LockdownNode.lockdowns, header: String = "") throws {
        try files.write(serial: serial, header)
        _ = try files.directory.file("policy.yaml", try files.text(files.policy) + lockdowns)
        if try files.text(files.configuration).contains("officers:") {
            for officer in ["officer-a", "officer-b"] { try files.sign(officer) }
        }
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
        let directory = files.path("etc/audit")
        let segments = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.count == 26 }.sorted()
        return try segments.flatMap { segment in
            try files.text("\(directory)/\(segment)").split(separator: "\n").compactMap { line -> [String: Any]? in
                let json = line.firstIndex(of: "{").flatMap {
                    try? JSONSerialization.jsonObject(with: Data(line[$0...].utf8))
                }
                guard let outer = json as? [String: Any] else { return nil }
                return outer["kind"] == nil ? outer["record"] as? [String: Any] : outer
            }
        }
    }
}
