// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The one binary: the gateway and the tools of its officer and its operator.
@main
struct Entente: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "entente",
        abstract: "A policy gateway between a Matrix homeserver and the federation.",
        subcommands: [Serve.self, Keygen.self, DemoHomeserver.self, DemoTraffic.self])
}
