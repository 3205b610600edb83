// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import MatrixFederation
internal import PolicyEngine
internal import ServiceLifecycle

/// Lets dates take effect: reviews that become overdue, exceptions that end, the end of the policy itself, of a lockdown.
struct PolicyDates: Service {
    let node: Node

    /// Clocks are set, machines sleep and policies change, so the date is looked at this often at least.
    private static let longest = Duration.seconds(1)
    private static let shortest = Duration.milliseconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await turn()
                try? await Task.sleep(for: wait)
            }
        }
    }

    /// Until the next date, at most `longest`.
    private var wait: Duration {
        let ends = [node.policyInForce.policy.nextChange, node.lockdowns.nextEnd].compactMap { $0 }
        guard let next = ends.min() else { return Self.longest }
        // At least a moment: what could not be recorded is tried again, and not without a pause.
        return min(
            max(.milliseconds(next.milliseconds - WallClock.system.now.milliseconds), Self.shortest), Self.longest)
    }

    private func turn() async {
        do {
            try await node.endLockdowns()
        } catch {
            node.logger.critical(
                "a lockdown whose time is over stays in force: that could not be recorded",
                metadata: ["error": "\(error)"])
        }
        do {
            try await node.adjustPolicy()
        } catch {
            // Verdicts change all the same: an overdue server is not let in for want of a note about it.
            node.logger.critical(
                "that dates in the policy were reached could not be recorded", metadata: ["error": "\(error)"])
        }
    }
}
