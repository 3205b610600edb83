// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import ServiceLifecycle

/// Puts on record, soon after each minute, how many refusals of strangers had no record of their own. AC-88.
struct RefusalCounting: Service {
    let node: Node

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                await record(all: false)
            }
        }
    }

    /// What cannot be recorded is kept for the next time, and said by the log itself.
    func record(all: Bool) async {
        do throws(AuditError) {
            try await node.inbound.recordRefusalSums(all: all)
        } catch {
            guard all else { return }
            node.logger.error("refusals that were counted are not on record", metadata: ["error": "\(error)"])
        }
    }
}
