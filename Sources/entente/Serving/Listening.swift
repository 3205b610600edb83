// SPDX-License-Identifier: Apache-2.0

internal import Audit
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

    func run() async throws {
        var servers: [HTTPServer] = []
        for listener in node.listeners {
            do {
                servers.append(
                    try await node.inbound.listen(
                        to: listener.address, names: listener.names, tls: listener.tls))
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
        for server in servers { try? await server.drain() }
        node.inbound.drain()
        let deadline = ContinuousClock.now + Self.drainTime
        while servers.contains(where: { $0.connectionCount > 0 }), ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(50))
        }
        for server in servers { try? await server.close() }
        node.log.close(reason: "told to end")
        try? await node.threads.shutdownGracefully()
        try? await node.group.shutdownGracefully()
        node.logger.info("ended")
    }
}

/// Performs the key ring's fetches.
struct KeyFetching: Service {
    let keyRing: KeyRing

    func run() async throws {
        await cancelWhenGracefulShutdown { await keyRing.run() }
    }
}
