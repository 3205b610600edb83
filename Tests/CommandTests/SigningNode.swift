// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Transport

/// A node's files with three officers, and a policy beside them that they can sign.
final class SigningNode {
    static let officers = ["officer-a", "officer-b", "officer-c"]
    static let passphrase = "correct horse battery staple"

    let directory: TemporaryDirectory
    var policy: String { path("policy.yaml") }
    var configuration: String { path("etc/gateway.yaml") }
    var installed: String { path("etc/policy.yaml") }

    /// - Parameter policy: the value of `policy` in the configuration; `KEYS` stands for the officers' keys.
    init(policy: String = "{ file: policy.yaml, officers: { KEYS }, need: 2 }") throws {
        directory = try TemporaryDirectory()
        let identity = try CertificateAuthority(name: "one").issue(CertificateRequest(dnsNames: ["fr.example"]))
        try FileManager.default.createDirectory(atPath: path("etc"), withIntermediateDirectories: true)
        _ = try directory.file("etc/a.pem", try identity.certificatePEM())
        _ = try directory.file("etc/a.key", try identity.keyPEM())
        _ = try directory.file("pass", Self.passphrase + "\n")
        try protect("pass")
        var keys: [String] = []
        for officer in Self.officers {
            let made = try Entente.run(
                ["keygen", "officer", "--out", path("\(officer).key"), "--passphrase-file", path("pass")])
            try #require(made.status == 0, "\(made.errors)")
            let words = made.text.trimmingCharacters(in: .newlines).components(separatedBy: ": ")
            keys.append("\(words[0]): \"\(words[1])\"")
        }
        _ = try directory.file(
            "etc/gateway.yaml",
            """
            entente: 1
            node: fr-1
            policy: \(policy.replacing("KEYS", with: keys.joined(separator: ", ")))
            mixed: refuse
            listeners:
              - listen: 127.0.0.1:8448
                certificates: [{ chain: a.pem, key: a.key }]
            homeservers:
              - { server_name: fr.example, upstream: "http://127.0.0.1:8008" }
            audit: { directory: audit }

            """)
        try write(serial: 3)
    }

    func path(_ name: String) -> String { directory.url.appending(path: name).path }

    func protect(_ name: String, _ mode: Int = 0o600) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
    }

    func write(serial: Int, _ header: String = "") throws {
        _ = try directory.file(
            "policy.yaml",
            ExplainTests.policy.replacing("serial: 3", with: "serial: \(serial)\(header.isEmpty ? "" : ", " + header)"))
    }

    @discardableResult
    func sign(_ officer: String, _ more: [String] = []) throws -> Entente.Ended {
        try Entente.run(
            ["sign", policy, "--key", path("\(officer).key"), "--passphrase-file", path("pass")] + more)
    }

    func activate(_ more: [String] = []) throws -> Entente.Ended {
        try Entente.run(["activate", policy, "--config", configuration] + more)
    }

    func text(_ file: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
    }

    func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: file) }
}
