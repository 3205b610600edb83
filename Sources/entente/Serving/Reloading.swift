// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import PolicyEngine
internal import ServiceLifecycle
internal import Transport
internal import UnixSignals

/// On SIGHUP reads policy and certificates again: all of them take effect, or none and the old ones stay.
struct Reloading: Service {
    let node: Node

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals { await reload() }
        }
    }

    /// What was read again is in force already, whether that can be said or not.
    private func recordKeys() async {
        do {
            try await node.recordKeys()
        } catch {
            node.logger.error("keys that changed are not on record; see to the log", metadata: ["error": "\(error)"])
        }
    }

    func reload() async {
        let configuration = node.configuration
        do {
            let offer = try PolicyOffer(
                reading: configuration.policyFile, for: configuration,
                meanwhile: "the previous policy stays in force")
            let policy = offer.policy
            let accepted = try offer.accepted(for: configuration, floor: node.floor)
            let signers = accepted.signers.map(\.text)
            let networks = NodeNetworks(policy: policy, configuration: configuration)
            let contexts = try node.listeners.map { try networks.tlsContext(of: $0.settings) }
            let sources = try networks.sources(node.group, node.threads, node.logger)
            // Both while the policies change places: what neither of them names is never asked.
            let before = node.keySource.closed
            node.keySource.replace(with: before.merging(sources) { _, new in new })
            do {
                try await node.activate(offer.loaded, signedBy: signers)
            } catch {
                node.keySource.replace(with: before)
                throw error
            }
            node.keySource.replace(with: sources)
            for (listener, context) in zip(node.listeners, contexts) { listener.tls.replace(with: context) }
            await recordKeys()
            node.logger.notice(
                "policy and certificates were read again",
                metadata: [
                    "policy": "\(policy.id)", "serial": "\(policy.serial)",
                    "signed_by": "\(signers.isEmpty ? "nobody" : signers.joined(separator: ", "))",
                ])
            let sinks = NodeSinks(policy: policy, settings: configuration.sinks)
            for warning in networks.warnings + sinks.warnings { node.logger.warning("\(warning)") }
            for warning in policy.warnings + policy.unenforced + accepted.warnings { node.logger.warning("\(warning)") }
        } catch {
            node.rejected("\(error)")
            node.logger.error("nothing was reloaded", metadata: ["error": "\(error)"])
            _ = try? await node.log.record(.policyRejected(file: configuration.policyFile, error: "\(error)"))
        }
    }
}
