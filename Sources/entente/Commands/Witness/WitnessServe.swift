// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Transport
internal import UnixSignals

/// `entente witness serve`: a witness on the network.
struct WitnessServe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Cosign the checkpoints of logs over HTTP.",
        discussion: """
            Answers POST /add-checkpoint as C2SP tlog-witness has it. In plain text on loopback addresses only; elsewhere \
            with TLS. Prints a line for each answer; SIGTERM ends it.
            """)

    @OptionGroup var options: WitnessOptions

    @Option(help: "Address and port.")
    var listen = "127.0.0.1:8460"

    @Option(help: ArgumentHelp("PEM file of the certificate and those that vouch for it.", valueName: "file"))
    var chain: String?

    @Option(help: ArgumentHelp("PEM file of the certificate's key.", valueName: "file"))
    var chainKey: String?

    func validate() throws {
        guard (chain == nil) == (chainKey == nil) else {
            throw ValidationError("--chain and --chain-key belong together; give both or none")
        }
    }

    func run() async throws {
        guard let written = NetworkAddress(listen) else {
            throw Ending.cannotRun(
                "`\(listen)` is no address with a port; nothing listens; write it like `127.0.0.1:8460` or `[::1]:8460`"
            )
        }
        let address = try written.resolved()
        let host = address.ipAddress ?? ""
        guard chain != nil || host == "::1" || host.hasPrefix("127.") else {
            throw Ending.cannotRun(
                "\(listen): no loopback address, and no certificate; nothing listens; give --chain and --chain-key")
        }
        let tls = try tlsContext()
        let ledger = try options.ledger()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        let server: HTTPServer
        do {
            server = try await HTTPServer.bind(
                to: address, group: group, limits: Self.limits,
                prepare: { channel, deadlines in
                    guard let tls else { return }
                    try channel.pipeline.syncOperations.addHandler(TLSServerHandler(tls, deadlines: deadlines))
                },
                makeService: { _ in WitnessService(ledger, on: thread) { Terminal.complain($0) } })
        } catch {
            throw Ending.cannotRun("\(listen): cannot listen, \(error); nothing is cosigned; free the address")
        }
        Terminal.complain("\(ledger.key.publicKey.name) listens on \(listen)")
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
        try? await server.drain()
        try? await server.close()
        try? await thread.shutdownGracefully()
        try? await group.shutdownGracefully()
    }

    /// A log asks once in some seconds, with a few kilobytes.
    private static var limits: HTTPServerLimits {
        var limits = HTTPServerLimits()
        limits.connections = 128
        limits.connectionsPerAddress = 16
        limits.requestTime = .seconds(20)
        limits.pipelinedBytes = 4096
        return limits
    }

    private func tlsContext() throws -> TLSServerContext? {
        guard let chain, let chainKey else { return nil }
        do {
            var tls = TLSServerConfiguration(
                identities: [try TLSIdentityFiles(chain: chain, key: chainKey).read(limit: 1 << 20)])
            tls.absentSNI = .accept
            return try TLSServerContext(tls)
        } catch {
            throw Ending.cannotRun("\(chain): \(error); nothing listens; check that the key fits the certificate")
        }
    }
}
