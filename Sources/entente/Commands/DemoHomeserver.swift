// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Transport

/// `entente demo-homeserver`: stands where a homeserver would, for the demonstration.
///
/// Believes whatever reaches it, as a homeserver behind a gateway does not; so it listens on loopback only.
struct DemoHomeserver: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-homeserver",
        abstract: "A stand-in homeserver for the demonstration.",
        discussion: "Answers every request of the demonstration and prints a line for each that reached it.")

    @Option(help: "Loopback address and port.")
    var listen = "127.0.0.1:18008"

    func run() async throws {
        let address = try DemoAddress.loopback(listen)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await HTTPServer.bind(to: address, group: group) { _ in Answers() }
        Self.say("stand-in homeserver listens on \(listen)")
        // Until a signal ends the process.
        while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
        try await server.close()
    }

    /// A line on standard output, at once: the process ends by a signal.
    private static func say(_ text: String) {
        let line = Array("\(text)\n".utf8)
        _ = unsafe line.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    /// One for each connection.
    private final class Answers: HTTPService {
        private var target = ""

        func head(_ head: HTTPRequestHead, _ exchange: HTTPExchange) -> BodyPlan {
            target = head.text(head.target)
            DemoHomeserver.say("\(head.method.text) \(target)")
            return .collect(limit: 12_500_000)
        }

        func body(_ body: ByteBuffer, _ exchange: HTTPExchange) {
            exchange.respond(200, .json, ByteBuffer(string: answer))
        }

        private var answer: String {
            if target.contains("/send/") { return #"{"pdus":{}}"# }
            if target.contains("/query/profile") { return #"{"displayname":"Alice"}"# }
            if target.contains("/make_join/") { return #"{"event":{},"room_version":"11"}"# }
            if target.contains("/invite/") { return #"{"event":{}}"# }
            return "{}"
        }
    }
}
