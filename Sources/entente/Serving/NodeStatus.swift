// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Console
internal import Gateway
internal import MatrixFederation
internal import PolicyEngine
internal import Synchronization
internal import Transport

/// What the console shows of a node. Answers at once: reads counters and the values in force.
final class NodeStatus: StatusSource {
    private struct Listening {
        var servers: [(address: String, server: HTTPServer)] = []
        var isDraining = false
    }

    private let node: Node
    private let errors: RecentErrors
    private let startedAt = WallClock.system.microseconds
    private let listening = Mutex(Listening())

    init(_ node: Node, errors: RecentErrors) {
        self.node = node
        self.errors = errors
    }

    func opened(_ server: HTTPServer, at address: String) {
        listening.withLock { $0.servers.append((address, server)) }
    }

    func draining() { listening.withLock { $0.isDraining = true } }

    func status() -> GatewayStatus {
        var status = GatewayStatus(
            node: node.configuration.node, build: Build.version, startedAt: startedAt,
            now: WallClock.system.microseconds)
        let policy = node.policyInForce.policy
        status.policy = GatewayStatus.PolicyStatus(
            id: policy.id, serial: policy.serial, sha256: policy.sha256.hex, mode: policy.mode.rawValue,
            activatedAt: node.activatedAt, rejected: node.rejection)
        status.lockdowns = node.lockdowns.entries.map { entry in
            GatewayStatus.LockdownStatus(
                name: entry.lockdown.profile, argument: entry.lockdown.state?.text,
                since: entry.since.milliseconds * 1000, until: entry.until.milliseconds * 1000)
        }
        status.audit = node.log.status
        status.sinks = node.sinkStatus
        status.witnesses = node.witnessBoard.status
        status.quorum = node.witnessBoard.quorumStatus(of: policy.audit.witnesses)
        listening.withLock { listening in
            status.isDraining = listening.isDraining
            status.listeners = listening.servers.map {
                GatewayStatus.Listener(name: "inbound", address: $0.address, connections: $0.server.connectionCount)
            }
        }
        status.decisions = node.inbound.tally.snapshot.map { key, count in
            GatewayStatus.DecisionCount(
                direction: "inbound", state: key.state ?? "none", endpointClass: key.endpointClass?.rawValue ?? "none",
                passed: count.passed, refused: count.refused)
        }.sorted { ($0.state, $0.endpointClass) < ($1.state, $1.endpointClass) }
        status.errors = errors.latest.map { GatewayStatus.ErrorNote(time: $0.time, text: $0.text) }
        return status
    }
}
