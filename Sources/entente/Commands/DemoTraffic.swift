// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import MatrixFederation
internal import NIOPosix
internal import Transport

/// `entente demo-traffic`: what an ally, a guest, a blocked state and a forger ask, and what became of it.
struct DemoTraffic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-traffic",
        abstract: "Send signed sample requests to a gateway of the demonstration and say what was decided.",
        discussion: "The answers are the gateway's; the reasons are read from its audit log.")

    @Option(help: "Loopback address and port of the gateway.")
    var gateway = "127.0.0.1:18448"

    @Option(help: "The server name of the homeserver behind it.")
    var serverName = "matrix.fr.example"

    @Option(help: "PEM file of the authority that signed its certificate.")
    var roots: String

    @Option(help: "Directory with the key files of the peers.")
    var keys: String

    @Option(help: "The gateway's audit directory.")
    var audit: String

    func run() async throws {
        let address = try DemoAddress.loopback(gateway)
        let home = try ServerName(serverName)
        var tls = TLSClientConfiguration()
        tls.roots = .file(path: roots)
        let sender = DemoSender(
            gateway: address, serverName: home.host, tls: try TLSClientContext(tls),
            group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
        var trail = try DemoTrail(directory: audit)
        let isPlain = unsafe getenv("NO_COLOR") != nil
        var table = DemoTable(isColoured: isatty(STDOUT_FILENO) == 1 && !isPlain)
        for scene in try DemoScript(home: home, keys: keys, now: Self.now()).scenes() {
            let status = try await sender.send(scene.request)
            let record = try await trail.latest()
            table.append(
                DemoTable.Row(
                    who: scene.who, asks: scene.asks, decision: record?.decision ?? "not recorded", status: status,
                    record: record.map { "#\($0.sequence)" } ?? "-", why: Self.why(record)))
        }
        print(table.render())
        let passed = table.rows.filter(\.passed).count
        print(
            "\n  \(passed) of \(table.rows.count) requests reached the homeserver; each line is a record in the audit log"
        )
    }

    /// Milliseconds since 1970.
    private static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// The sentence that the record has, or else its reason; and the rule that decided.
    private static func why(_ record: DemoTrail.Record?) -> String {
        guard let record else { return "" }
        let sentence = record.explain ?? record.reason
        return record.rule.map { sentence.contains($0) ? sentence : "\(sentence) (\($0))" } ?? sentence
    }
}
