// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Console
internal import Gateway
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import PolicyEngine
internal import ServiceLifecycle
internal import Transport

/// Listens until the gateway is told to end, then lets what is under way finish.
struct Listening: Service {
    /// How long requests under way may take after SIGTERM.
    static let drainTime = Duration.seconds(30)

    let node: Node
    let status: NodeStatus
    let metrics: MetricsRegistry

    func run() async throws {
        var servers: [HTTPServer] = []
        let console = try await startConsole()
        for listener in node.listeners {
            do {
                let server = try await node.inbound.listen(
                    to: listener.address, names: listener.names, listener: listener.settings.name, tls: listener.tls)
                servers.append(server)
                status.opened(server, at: "\(listener.settings.address)")
            } catch {
                throw StartFailure(
                    description: "\(listener.settings.address): cannot listen, \(error); the gateway does not start; "
                        + "free the address or name another in `listeners`")
            }
            node.logger.info("listening", metadata: ["address": "\(listener.settings.address)"])
        }
        let policy = node.policyInForce.policy
        node.logger.info(
            "ready",
            metadata: [
                "node": "\(node.configuration.node)", "policy": "\(policy.id)", "serial": "\(policy.serial)",
                "audit": "\(node.configuration.auditDirectory)",
            ])
        try? await gracefulShutdown()
        node.logger.info("draining")
        status.draining()
        for server in servers { try? await server.drain() }
        node.inbound.drain()
        let deadline = ContinuousClock.now + Self.drainTime
        while servers.contains(where: { $0.connectionCount > 0 }), ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(50))
        }
        for server in servers { try? await server.close() }
        try? await console?.close()
        await RefusalCounting(node: node).record(all: true)
        node.log.close(reason: "told to end")
        try? await node.threads.shutdownGracefully()
        try? await node.group.shutdownGracefully()
        node.logger.info("ended")
    }
}

extension Listening {
    /// The console's own listener, if the configuration names one.
    private func startConsole() async throws -> HTTPServer? {
        guard let address = node.configuration.console else { return nil }
        do {
            let server = try await ConsoleServer.start(
                at: try address.resolved(), group: node.group, source: status, metrics: metrics)
            node.logger.info("console", metadata: ["url": "http://\(address)/"])
            return server
        } catch {
            throw StartFailure(
                description: "\(address): the console cannot listen, \(error); the gateway does not start; "
                    + "free the address or name another loopback address in `console`")
        }
    }
}

/// Performs the key ring's fetches.
struct KeyFetching: Service {
    let keyRing: KeyRing

    func run() async throws {
        await cancelWhenGracefulShutdown { await keyRing.run() }
    }
}
