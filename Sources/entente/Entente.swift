// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc

/// The one binary: the gateway and the tools of its officer and its operator.
@main
struct Entente: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "entente",
        abstract: "A policy gateway between a Matrix homeserver and the federation.",
        version: Build.version,
        subcommands: [
            Serve.self, Check.self, Explain.self, Test.self, Diff.self, Replay.self, Probe.self, Schema.self,
            Keygen.self, Sign.self, Activate.self, Lockdown.self, Quarantine.self, AuditCommand.self, Witness.self,
            DemoHomeserver.self,
            DemoTraffic.self,
        ])

    /// Runs the command; wrong usage ends with 2, so that 1 always is a verdict or a failure.
    static func main() async {
        var running: any ParsableCommand.Type = Self.self
        do {
            var command = try parseAsRoot()
            running = type(of: command)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard running.exitCode(for: error) == .validationFailure else { running.exit(withError: error) }
            Terminal.complain(running.fullMessage(for: error))
            Glibc.exit(Ending.cannotRun.rawValue)
        }
    }
}
