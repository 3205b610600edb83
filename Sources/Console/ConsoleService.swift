// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Transport

/// Answers the console's three paths; reads nothing but the request line and the host.
final class ConsoleService: HTTPService {
    private let source: any StatusSource
    private let metrics: MetricsRegistry
    private let isLoopbackOnly: Bool

    init(_ source: any StatusSource, _ metrics: MetricsRegistry, isLoopbackOnly: Bool) {
        self.source = source
        self.metrics = metrics
        self.isLoopbackOnly = isLoopbackOnly
    }

    func head(_ head: HTTPRequestHead, _ exchange: HTTPExchange) -> BodyPlan {
        let answer = answer(head)
        exchange.respond(answer.status, answer.fields, ByteBuffer(string: answer.body))
        return .discard(limit: 0)
    }

    func body(_ body: ByteBuffer, _ exchange: HTTPExchange) {}

    private struct Answer {
        let status: Int
        let fields: HTTPFieldLines
        let body: String

        init(_ status: Int, _ contentType: String, _ body: String) {
            self.status = status
            self.body = body
            var fields = HTTPFieldLines()
            fields.append("Content-Type", contentType)
            fields.append("Cache-Control", "no-store")
            fields.append("X-Content-Type-Options", "nosniff")
            fields.append("Referrer-Policy", "no-referrer")
            fields.append(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            )
            self.fields = fields
        }

        static func plain(_ status: Int, _ text: String) -> Answer {
            Answer(status, "text/plain; charset=utf-8", text + "\n")
        }
    }

    private func answer(_ head: HTTPRequestHead) -> Answer {
        // A page of somebody else in the operator's browser can reach loopback under a name of its own.
        if isLoopbackOnly, !Self.isLoopback(head.text(head.host)) { return .plain(403, "unknown host") }
        guard head.method == .get else { return .plain(405, "only GET") }
        switch head.text(head.target).prefix(while: { $0 != "?" }) {
        case "/": return Answer(200, "text/html; charset=utf-8", StatusPage(status: source.status()).html)
        case "/healthz":
            let health = Health(source.status())
            return Answer(health.isHealthy ? 200 : 503, "application/json", health.json)
        case "/metrics":
            var text = PrometheusText()
            text.add(source.status())
            return Answer(200, PrometheusText.contentType, metrics.text + text.text)
        default: return .plain(404, "no such page")
        }
    }

    /// `localhost`, `127.x.y.z` or `[::1]`, with or without a port.
    static func isLoopback(_ host: String) -> Bool {
        if host == "[::1]" || host.hasPrefix("[::1]:") { return true }
        let name = host.prefix { $0 != ":" }
        if name == "localhost" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
