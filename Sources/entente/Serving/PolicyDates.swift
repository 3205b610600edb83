// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import MatrixFederation
internal import PolicyEngine
internal import ServiceLifecycle

/// Lets dates in the policy take effect: reviews that become overdue, exceptions that end.
struct PolicyDates: Service {
    let node: Node

    /// Clocks are set and machines sleep, so the date is looked at this often at least.
    private static let longest = Duration.seconds(30)

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
        guard let next = node.policyInForce.policy.nextChange else { return Self.longest }
        return min(max(.milliseconds(next.milliseconds - WallClock.system.now.milliseconds), .zero), Self.longest)
    }

    private func turn() async {
        do {
            try await node.adjustPolicy()
        } catch {
            // Verdicts change all the same: an overdue server is not let in for want of a note about it.
            node.logger.critical(
                "that dates in the policy were reached could not be recorded", metadata: ["error": "\(error)"])
        }
    }
}
