// SPDX-License-Identifier: Apache-2.0

import Audit
import Metrics
import NIOCore
import NIOPosix
import TestKit
import Testing
import Transport

@testable import Console

/// A gateway that is as the test says.
struct FixedStatus: StatusSource {
    var value: GatewayStatus

    init(_ change: (inout GatewayStatus) -> Void = { _ in }) {
        value = GatewayStatus(node: "gw-1", build: "0.1.0", startedAt: 0, now: 3_725_000_000)
        value.policy = GatewayStatus.PolicyStatus(
            id: "eu", serial: 7, sha256: String(repeating: "ab", count: 32), mode: "enforce", activatedAt: 0)
        value.listeners = [GatewayStatus.Listener(name: "federation", address: "127.0.0.1:8448", connections: 2)]
        change(&value)
    }

    func status() -> GatewayStatus { value }
}

@Suite("The console on loopback", .timeLimit(.minutes(1)))
struct ConsoleServerTests {
    private func get(
        _ target: String, host: String = "127.0.0.1", method: String = "GET", from source: FixedStatus = FixedStatus(),
        metrics: MetricsRegistry = MetricsRegistry()
    ) async throws -> RawClient.Response {
        let server = try await ConsoleServer.start(
            at: SocketAddress(ipAddress: "127.0.0.1", port: 0), group: MultiThreadedEventLoopGroup.singleton,
            source: source, metrics: metrics)
        let port = try #require(server.localAddress?.port)
        var client = try RawClient(port: port)
        try client.send("\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        let response = try #require(try client.response())
        try await server.close()
        return response
    }

    @Test("/healthz says ok, or 503 with every reason")
    func health() async throws {
        let good = try await get("/healthz")
        #expect(good.status == 200)
        #expect(good.text == "{\"reasons\":[],\"status\":\"ok\"}\n")
        let bad = try await get(
            "/healthz",
            from: FixedStatus { status in
                status.audit.isAvailable = false
                status.policy = nil
                status.isDraining = true
                status.listeners = []
            })
        #expect(bad.status == 503)
        let reasons = #"["audit_unavailable","policy_unavailable","draining","no_listener"]"#
        #expect(bad.text == "{\"reasons\":\(reasons),\"status\":\"unavailable\"}\n")
    }

    @Test("/metrics is what Prometheus reads")
    func metrics() async throws {
        let registry = MetricsRegistry()
        Counter(label: "entente_decisions_total", dimensions: [("decision", "allow")], factory: registry).increment(
            by: 3)
        let response = try await get("/metrics", metrics: registry)
        #expect(response.status == 200)
        #expect(response.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        #expect(response.text.contains("entente_decisions_total{decision=\"allow\"} 3\n"))
        #expect(response.text.contains("# TYPE entente_audit_available gauge\nentente_audit_available 1\n"))
        #expect(response.text.contains("entente_policy_serial 7\n"))
    }

    @Test("/ is a page without scripts, and may load nothing")
    func page() async throws {
        let response = try await get("/?refresh")
        #expect(response.status == 200)
        #expect(response.header("content-security-policy")?.hasPrefix("default-src 'none'; style-src") == true)
        #expect(response.header("cache-control") == "no-store")
        #expect(response.text.contains("Taking traffic"))
        #expect(response.text.contains("up 1 h 2 min"))
        #expect(!response.text.contains("<script"))
    }

    @Test("a lockdown in force is on the page and in the metrics, and none is nowhere")
    func lockdown() async throws {
        let none = try await get("/")
        #expect(!none.text.contains("Lockdown in force"))
        let locked = FixedStatus { status in
            status.lockdowns = [.init(name: "sever_state", argument: "RU", since: 0, until: 7_200_000_000)]
        }
        let page = try await get("/", from: locked).text
        #expect(page.contains("Lockdown in force: <code>sever_state RU</code>"))
        #expect(page.contains("Since 1970-01-01 00:00:00, until 1970-01-01 02:00:00 UTC."))
        #expect(try await get("/metrics", from: locked).text.contains("\nentente_lockdowns 1\n"))
        #expect(try await get("/metrics").text.contains("\nentente_lockdowns 0\n"))
    }

    @Test("that no keys can be made for what is personal is on the page and in the metrics")
    func keys() async throws {
        #expect(try await !get("/").text.contains("New keys"))
        #expect(try await get("/metrics").text.contains("\nentente_audit_keys_available 1\n"))
        let failing = FixedStatus { status in
            status.audit.keyFailure = .disk(
                file: "audit.sealed/<i>", DiskFailure(.write, file: "<i>", code: 28))
        }
        #expect(
            try await get("/", from: failing).text.contains("none can be made: audit.sealed/&lt;i&gt;: cannot write"))
        #expect(try await get("/metrics", from: failing).text.contains("\nentente_audit_keys_available 0\n"))
    }

    @Test("what is shown cannot become markup")
    func escaping() async throws {
        let response = try await get(
            "/",
            from: FixedStatus { status in
                status.node = "<script>alert(1)</script>"
                status.errors = [.init(time: 0, text: "\"'><img src=x onerror=1>\u{202E}\u{1B}")]
                status.decisions = [
                    .init(direction: "inbound", state: "<b>", endpointClass: "&amp;", passed: 1_234_567, refused: 1)
                ]
            })
        #expect(!response.text.contains("<script"))
        #expect(!response.text.contains("<img"))
        #expect(!response.text.contains("<b>"))
        #expect(response.text.contains("&amp;amp;"))
        #expect(response.text.contains("1\u{202F}234\u{202F}567"))
        #expect(!response.text.unicodeScalars.contains("\u{202E}"))
    }

    @Test(
        "another path, another verb and another host get nothing",
        arguments: [
            ("/nothing", "127.0.0.1", "GET", 404), ("/healthz", "127.0.0.1", "DELETE", 405),
            ("/", "evil.example", "GET", 403), ("/", "127.0.0.1.evil.example", "GET", 403),
            ("/", "localhost:9090", "GET", 200), ("/", "[::1]:9090", "GET", 200),
        ])
    func refused(target: String, host: String, method: String, status: Int) async throws {
        #expect(try await get(target, host: host, method: method).status == status)
    }

    @Test("an address that others can reach is refused, unless it is allowed")
    func loopbackOnly() async throws {
        let address = try SocketAddress(ipAddress: "0.0.0.0", port: 0)
        let error = await #expect(throws: ConsoleServer.NotLoopback.self) {
            try await ConsoleServer.start(
                at: address, group: MultiThreadedEventLoopGroup.singleton, source: FixedStatus(),
                metrics: MetricsRegistry())
        }
        #expect(try #require(error).description.hasPrefix("console: `0.0.0.0` is no loopback address; the gateway"))
    }
}
