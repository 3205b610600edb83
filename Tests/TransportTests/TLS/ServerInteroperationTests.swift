// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Transport

@Suite(
    "TLS server with other clients", .serialized,
    .enabled(if: ChildProcess.exists("openssl") && ChildProcess.exists("curl")))
struct ServerInteroperationTests {
    let credentials: Credentials
    let folder: Folder
    let rootsPath: String

    init() throws {
        credentials = try Credentials.shared.get()
        folder = try Folder()
        rootsPath = try folder.file("roots.pem", credentials.authority.pem())
    }

    private func withServer(
        _ context: TLSServerContext, _ body: (LoopbackServer) async throws -> Void
    ) async throws {
        let server = try await LoopbackServer(context)
        do { try await body(server) } catch {
            try await server.stop()
            throw error
        }
        try await server.stop()
    }

    private func dial(
        _ server: LoopbackServer, _ options: String..., name: String = "a.example", typing: String = "Q\n"
    ) async throws -> (status: Int32, output: String) {
        try await ChildProcess.run(
            "openssl",
            ["s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", rootsPath, "-verify_return_error"]
                + (name.isEmpty ? ["-noservername"] : ["-servername", name, "-verify_hostname", name]) + options,
            typing: typing)
    }

    private func curl(_ server: LoopbackServer, _ options: [String], name: String = "a.example") async throws -> (
        status: Int32, output: String
    ) {
        try await ChildProcess.run(
            "curl",
            [
                "-sS", "--cacert", rootsPath, "--resolve", "\(name):\(server.port):127.0.0.1", "--noproxy", "*",
                "https://\(name):\(server.port)/",
            ] + options)
    }

    @Test("curl verifies us and gets its answer, over one connection for two requests")
    func curlGet() async throws {
        try await withServer(credentials.server()) { server in
            let one = try await curl(
                server,
                [
                    "-d", "hello", "--next", "-sS", "--cacert", rootsPath, "--resolve",
                    "a.example:\(server.port):127.0.0.1", "-d", "again", "https://a.example:\(server.port)/",
                ])
            #expect(one.status == 0 && one.output == "helloagain", "\(one)")
            let seen = try await server.until { $0.closed == 1 }
            #expect(seen.facts.count == 1 && seen.failures == [])
        }
    }

    @Test("several MiB go there and back through curl unharmed", arguments: ["--tlsv1.3", "--tls-max"])
    func curlBodies(version: String) async throws {
        var generator = SeededGenerator(seed: 1)
        let bytes = (0..<(5 << 20)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let body = try folder.file("body", bytes)
        let answer = folder.url.appending(path: "answer")
        try await withServer(credentials.server()) { server in
            let result = try await curl(
                server,
                (version == "--tls-max" ? ["--tls-max", "1.2"] : [version]) + [
                    "--data-binary", "@\(body)", "-H", "Expect:", "-o", answer.path,
                ])
            #expect(result.status == 0, "\(result)")
            let back = try Data(contentsOf: answer)
            #expect(back == Data(bytes))
            #expect(server.book.facts.first?.version == (version == "--tls-max" ? .tls12 : .tls13))
        }
    }

    @Test(
        "AC-41 old versions are refused by protocol_version and TLS 1.2 and 1.3 are served",
        arguments: ["-tls1", "-tls1_1", "-tls1_2", "-tls1_3"])
    func versions(option: String) async throws {
        try await withServer(credentials.server()) { server in
            let result = try await dial(server, option, "-cipher", "ALL:@SECLEVEL=0")
            let seen = try await server.until { $0.facts.count + $0.failures.count == 1 }
            if ["-tls1_2", "-tls1_3"].contains(option) {
                #expect(seen.facts.count == 1 && seen.failures == [], "\(result.output)")
                #expect(result.output.contains("Verify return code: 0 (ok)"))
                #expect(result.output.contains("Compression: NONE") || option == "-tls1_3")
            } else {
                #expect(seen.failures == [.protocolVersion])
                #expect(result.output.contains("alert protocol version"), "\(result.output)")
            }
        }
    }

    @Test("AC-41 a tier that demands TLS 1.3 refuses 1.2")
    func onlyTLS13() async throws {
        try await withServer(credentials.server { $0.minimumVersion = .tls13 }) { server in
            _ = try await dial(server, "-tls1_2")
            #expect(try await server.until { !$0.failures.isEmpty }.failures == [.protocolVersion])
            _ = try await dial(server, "-tls1_3")
            #expect(try await server.until { !$0.facts.isEmpty }.facts.first?.version == .tls13)
        }
    }

    @Test(
        "AC-41 TLS 1.2 without ECDHE or without AEAD is refused",
        arguments: [
            "AES256-GCM-SHA384", "AES128-SHA", "ECDHE-RSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA",
            "DHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-CCM", "AECDH-AES256-SHA",
        ])
    func weakSuites(suite: String) async throws {
        try await withServer(credentials.server { $0.identities.append(credentials.aRSA) }) { server in
            let result = try await dial(server, "-tls1_2", "-cipher", "\(suite):@SECLEVEL=0")
            #expect(result.output.contains("alert handshake failure"), "\(result.output)")
            #expect(try await server.until { !$0.failures.isEmpty }.failures == [.parameters])
        }
    }

    @Test(
        "TLS 1.2 and 1.3 with each of our suites is served",
        arguments: [
            "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
            "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
            "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256",
        ])
    func goodSuites(suite: String) async throws {
        try await withServer(credentials.server { $0.identities.append(credentials.aRSA) }) { server in
            let result =
                suite.hasPrefix("TLS_")
                ? try await dial(server, "-ciphersuites", suite)
                : try await dial(server, "-tls1_2", "-cipher", suite)
            #expect(result.output.contains("Cipher is \(suite)"), "\(result.output)")
            #expect(try await server.until { !$0.facts.isEmpty }.facts.first?.group == "x25519")
        }
    }

    @Test("AES-256 goes before what a TLS 1.2 client prefers")
    func preference() async throws {
        try await withServer(credentials.server()) { server in
            let result = try await dial(
                server, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384")
            #expect(result.output.contains("Cipher is ECDHE-ECDSA-AES256-GCM-SHA384"), "\(result.output)")
        }
    }

    @Test("the groups are X25519, P-256 and P-384", arguments: ["X25519", "P-256", "P-384", "P-521", "X448"])
    func groups(group: String) async throws {
        try await withServer(credentials.server()) { server in
            _ = try await dial(server, "-groups", group)
            let seen = try await server.until { $0.facts.count + $0.failures.count == 1 }
            let names = ["X25519": "x25519", "P-256": "secp256r1", "P-384": "secp384r1"]
            #expect(seen.facts.first?.group == names[group])
            #expect(seen.failures == (names[group] == nil ? [.parameters] : []))
        }
    }

    @Test("under one name an ECDSA and an RSA certificate go by what the client can verify")
    func keyTypes() async throws {
        try await withServer(credentials.server { $0.identities.append(credentials.aRSA) }) { server in
            let ecdsa = try await dial(server)
            #expect(ecdsa.output.contains("Peer signature type: ECDSA"), "\(ecdsa.output)")
            let rsa = try await dial(server, "-sigalgs", "RSA-PSS+SHA256:RSA+SHA256")
            #expect(rsa.output.contains("Peer signature type: RSA-PSS"), "\(rsa.output)")
        }
    }

    @Test("AC-28 absent and unknown names are refused by alert")
    func names() async throws {
        try await withServer(credentials.server()) { server in
            let none = try await dial(server, name: "")
            #expect(none.output.contains("unrecognized name"), "\(none.output)")
            let unknown = try await dial(server, name: "c.example")
            #expect(unknown.output.contains("unrecognized name"), "\(unknown.output)")
            let known = try await dial(server, name: "x.wild.example")
            #expect(known.output.contains("Verify return code: 0 (ok)"), "\(known.output)")
            let seen = try await server.until { $0.facts.count == 1 && $0.failures.count == 2 }
            #expect(seen.failures == [.serverNameAbsent, .serverNameUnknown("c.example")])
        }
    }

    @Test("AC-41 a client that starts renegotiation is turned down and loses the connection")
    func renegotiation() async throws {
        try await withServer(credentials.server()) { server in
            let child = try ChildProcess(
                "openssl",
                [
                    "s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", rootsPath, "-servername",
                    "a.example", "-tls1_2",
                ])
            #expect(await child.until("Verify return code"))
            child.type("R\n")
            let seen = try await server.until { !$0.failures.isEmpty }
            #expect(seen.failures == [.renegotiation])
            child.closeInput()
            let result = await child.finished()
            #expect(result.output.contains("RENEGOTIATING"))
            #expect(result.output.contains("no renegotiation"), "\(result.output)")
        }
    }

    @Test("a key update of the client is followed, and answered when it asks")
    func keyUpdate() async throws {
        try await withServer(credentials.server()) { server in
            let child = try ChildProcess(
                "openssl",
                [
                    "s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", rootsPath, "-servername",
                    "a.example", "-tls1_3",
                ])
            #expect(await child.until("Verify return code"))
            child.type("K\n")
            #expect(await child.until("KEYUPDATE"))
            child.type("GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nafter")
            child.closeInput()
            _ = await child.finished()
            #expect(try await server.until { $0.closed == 1 }.failures == [])
        }
    }

    @Test(
        "sessions are resumed with the same name and not with another, AC-17", arguments: ["-tls1_2", "-tls1_3"])
    func resumption(version: String) async throws {
        let session = folder.url.appending(path: "session").path
        try await withServer(credentials.server { $0.identities = [credentials.b] }) { server in
            let child = try ChildProcess(
                "openssl",
                [
                    "s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", rootsPath, "-servername",
                    "b.example", version, "-sess_out", session,
                ])
            // The ticket of TLS 1.3 comes after the handshake and is read with the first answer.
            child.type("GET / HTTP/1.1\r\nContent-Length: 6\r\n\r\nticket")
            #expect(await child.until("200 OK"))
            child.type("Q\n")
            _ = await child.finished()
            let again = try await dial(server, version, "-sess_in", session, name: "b.example")
            #expect(again.output.contains("Reused, TLS"), "\(again.output)")
            let other = try await dial(server, version, "-sess_in", session, name: "x.wild.example")
            #expect(other.output.contains("New, TLS"), "\(other.output)")
            let seen = try await server.until { $0.facts.count == 3 }
            #expect(seen.facts.map(\.isResumed) == [false, true, false])
        }
    }

    @Test("early data is not accepted")
    func earlyData() async throws {
        let session = folder.url.appending(path: "session").path
        let data = try folder.file("early", Array("GET / HTTP/1.1\r\n\r\n".utf8))
        try await withServer(credentials.server()) { server in
            let child = try ChildProcess(
                "openssl",
                [
                    "s_client", "-connect", "127.0.0.1:\(server.port)", "-servername", "a.example", "-sess_out",
                    session,
                ])
            child.type("GET / HTTP/1.1\r\nContent-Length: 6\r\n\r\nticket")
            #expect(await child.until("200 OK"))
            child.type("Q\n")
            let first = await child.finished()
            #expect(first.output.contains("Max Early Data: 0"))
            let again = try await dial(server, "-sess_in", session, "-early_data", data)
            #expect(!again.output.contains("Early data was accepted"), "\(again.output)")
        }
    }

    @Test("curl with a certificate is let in where one is required, and without one it is not")
    func clientCertificates() async throws {
        let member = try credentials.authority.issue(CertificateRequest(dnsNames: ["m.example"], usage: .client))
        let certificate = try folder.file("member.pem", member.chain[0].pem())
        let key = try folder.file("member.key", member.key.pem())
        try await withServer(credentials.server { $0.clientAuthentication = .required(credentials.roots) }) { server in
            let with = try await curl(server, ["-d", "hello", "--cert", certificate, "--key", key])
            #expect(with.status == 0 && with.output == "hello", "\(with)")
            let without = try await curl(server, ["-d", "hello"])
            #expect(without.status != 0 && without.output.contains("certificate required"), "\(without)")
            let seen = try await server.until { !$0.failures.isEmpty }
            #expect(seen.failures == [.certificateMissing])
            #expect(seen.facts.map(\.peerCertificateSPKI) == [member.spki])
        }
    }

    @Test("a reload shows the new certificate to new connections and leaves open ones alone")
    func reload() async throws {
        try await withServer(credentials.server()) { server in
            let open = try ChildProcess(
                "openssl",
                ["s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", rootsPath, "-servername", "a.example"])
            #expect(await open.until("Verify return code"))
            let renewed = try credentials.authority.issue(CertificateRequest(dnsNames: ["a.example"]))
            server.box.replace(with: try credentials.server { $0.identities = [renewed] })
            let client = try credentials.client()
            let pinned = try EmbeddedTLS(server.box.current, client, pins: [try #require(renewed.spki)])
            pinned.pump()
            #expect(pinned.clientSide.facts != nil)
            let next = try await dial(server)
            #expect(next.output.contains("Verify return code: 0 (ok)"))
            open.type("GET / HTTP/1.1\r\nContent-Length: 9\r\n\r\nstill on!")
            #expect(await open.until("still on!"))
            open.closeInput()
            _ = await open.finished()
            #expect(try await server.until { $0.closed == 2 }.failures == [])
        }
    }
}
