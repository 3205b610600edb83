// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Console
internal import Logging
internal import Metrics
internal import ServiceLifecycle
internal import Transport
internal import UnixSignals

/// Runs the gateway until SIGTERM.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway.",
        discussion: """
            SIGHUP reads policy and certificates again, whole, or keeps the old ones and says why. SIGTERM lets what is \
            under way finish and ends.
            """)

    @Option(help: ArgumentHelp("The node's configuration.", valueName: "file"))
    var config = "gateway.yaml"

    func run() async throws {
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        let errors = RecentErrors()
        let logger = errors.logger(level: .info)
        let node: Node
        let control: LocalSocket?
        do {
            node = try Node(Configuration.load(config), logger: logger)
            try await node.recordStart()
            try await node.takeLists()
            control = try ControlService.listen(node)
        } catch {
            throw StartFailure(description: "\(error)")
        }
        let controlling = control.map {
            ServiceGroupConfiguration.ServiceConfiguration(service: ControlService(node: node, socket: $0))
        }
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: KeyFetching(keyRing: node.keyRing)), .init(service: Reloading(node: node)),
                    .init(service: ListWatching(node: node)),
                    .init(service: RefusalCounting(node: node)),
                    .init(service: PolicyDates(node: node)), .init(service: Witnessing(node: node)),
                    .init(service: Forwarding(node: node)), .init(service: Retention(node: node)),
                    .init(
                        service: Listening(node: node, status: NodeStatus(node, errors: errors), metrics: metrics),
                        successTerminationBehavior: .gracefullyShutdownGroup),
                    // The last one is ended first: it runs on the event loops, which `Listening` ends.
                ] + (controlling.map { [$0] } ?? []),
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await services.run()
    }
}

/// Why the gateway did not start, in the operator's words.
struct StartFailure: Error, CustomStringConvertible {
    let description: String
}
