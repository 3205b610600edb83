// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import MatrixFederation
internal import PolicyEngine
internal import ServiceLifecycle
internal import Transport

/// Answers on the control socket. Each call leaves a record before it is dealt with; without one it is not. AC-103.
struct ControlService: Service {
    let node: Node
    let socket: LocalSocket

    /// The socket that the configuration names, if it names one.
    static func listen(_ node: Node) throws -> LocalSocket? {
        guard let path = node.configuration.controlSocket else { return nil }
        do throws(LocalSocket.Fault) {
            return try LocalSocket(listeningAt: path)
        } catch {
            let todo =
                switch error {
                case .inUse: "stop the other gateway, or give each a socket of its own in `control`"
                case .noSocket: "move away what lies there, or name another path in `control`"
                case .path, .system: "name a path in `control` in a directory that only the gateway's user may write to"
                }
            throw StartFailure(description: "\(path): \(error.description); the gateway does not start; \(todo)")
        }
    }

    func run() async throws {
        var limits = LocalServer.Limits()
        limits.requestBytes = ControlRequest.maxBytes
        let server = LocalServer(socket, limits: limits) { await answer($0, $1) }
        node.logger.info("control socket", metadata: ["path": "\(socket.path)"])
        await cancelWhenGracefulShutdown {
            do {
                try await server.run(on: node.group)
            } catch is CancellationError {
            } catch {
                node.logger.critical(
                    "the control socket is gone; lockdowns in force stay; restart the gateway",
                    metadata: ["error": "\(error)"])
                // Nobody is let in or out by its absence: the gateway goes on.
                try? await gracefulShutdown()
            }
        }
    }

    private func answer(_ request: LocalServer.Request, _ peer: LocalServer.Peer) async -> [UInt8] {
        let value: JSONValue
        do {
            value = try await answer(to: request, peer)
        } catch let error as AuditError {
            value = .refusal([
                "the control socket: this call could not be recorded, \(error); nothing was done; see to the audit log"
            ])
        } catch {
            value = .refusal(["\(error)"])
        }
        return Array(value.line.utf8)
    }

    private func answer(to request: LocalServer.Request, _ peer: LocalServer.Peer) async throws -> JSONValue {
        let wanted: ControlRequest
        switch request {
        case .refused(let fault): return try await refuse(fault.text, peer)
        case .line(let line):
            do throws(ControlRequest.Malformed) {
                wanted = try ControlRequest(reading: line)
            } catch {
                return try await refuse(error.what, peer)
            }
        }
        switch wanted {
        case .status:
            try await record(.status, peer)
            return ControlStatus(node).json
        case .quarantine:
            try await record(.quarantine, peer)
            return QuarantineStatus(node).json
        case .release(let release):
            try await record(.quarantine, peer)
            let check = try await node.take(release)
            guard check.refusals.isEmpty else { return .refusal(check.refusals) }
            return QuarantineStatus.json(of: check, release, node)
        case .resume(let sink):
            try await record(.resume(sink: sink), peer)
            if let fault = node.resume(sink) { return .refusal([fault]) }
            return .object([("v", .number(1)), ("ok", .truth(true)), ("done", .text("resume"))])
        case .lockdown(let act):
            try await record(.lockdown, peer)
            let outcome = try await node.take(act)
            guard outcome.refusals.isEmpty else { return .refusal(outcome.refusals) }
            return ControlStatus.json(of: outcome, act, node)
        case .open(let number, let ranges, let recipient):
            let opening = PrivacyNotice.Opening(
                number: number, records: ranges.texts, recipient: recipient.text, uid: peer.uid)
            let sequence = try await node.log.record(.privacy(PrivacyNotice(.opened(opening))))
            node.logger.notice(
                "an auditor opens records", metadata: ["case": "\(number)", "recipient": "\(recipient.text)"])
            return .object([("v", .number(1)), ("ok", .truth(true)), ("seq", .number(Int(sequence)))])
        }
    }

    private func refuse(_ why: String, _ peer: LocalServer.Peer) async throws -> JSONValue {
        try await record(.refused(error: why), peer)
        node.logger.warning(
            "a call of the control socket was refused", metadata: ["error": "\(why)", "uid": "\(peer.uid)"])
        return .refusal([
            "the control socket: \(why); nothing was done; use `entente lockdown` or `entente audit resume`, see docs/operations.md"
        ]
        )
    }

    private func record(_ call: AdministrationNotice.Call, _ peer: LocalServer.Peer) async throws {
        _ = try await node.log.record(.administration(AdministrationNotice(call, uid: peer.uid, pid: peer.pid)))
    }
}

extension JSONValue {
    /// What every answer that is no begins with.
    static func refusal(_ errors: [String]) -> JSONValue {
        .object([("v", .number(1)), ("ok", .truth(false)), ("errors", .list(errors.map { .text($0) }))])
    }
}
