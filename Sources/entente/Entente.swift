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
            Serve.self, Check.self, Explain.self, Probe.self, Keygen.self, DemoHomeserver.self, DemoTraffic.self,
        ])

    /// Runs the command; wrong usage ends with 2, so that 1 always is a verdict or a failure.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            Terminal.complain(fullMessage(for: error))
            Glibc.exit(Ending.cannotRun.rawValue)
        }
    }
}
