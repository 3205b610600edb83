// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit

/// One request between real homeservers and its answer, as `corpus/real-traffic` holds them.
struct RecordedExchange: Decodable, Sendable {
    struct Message: Decodable, Sendable {
        var method: String?
        var target: String?
        var status: Int?
        var reason: String?
        /// In the order and case received.
        var headers: [[String]]
        var body: String?
        var bodyBase64: String?
        var bodyOmitted: Omitted?

        struct Omitted: Decodable, Sendable { var bytes: Int }

        /// Bodies that were too large to record are as many bytes of something else.
        var bytes: [UInt8] {
            if let body { return Array(body.utf8) }
            if let bodyBase64 { return Data(base64Encoded: bodyBase64).map { Array($0) } ?? [] }
            return Array(repeating: 0x2E, count: bodyOmitted?.bytes ?? 0)
        }

        func header(_ name: String) -> String? { headers.first { $0[0].lowercased() == name }?[1] }
    }

    var id: Int
    var scenario: String
    var recorder: String
    var direction: String
    var origin: String?
    var destination: String?
    var connect: String?
    var request: Message
    var response: Message?

    var method: String { request.method ?? "" }
    var target: String { request.target ?? "" }
    var host: String { request.header("host") ?? "" }

    /// The servers of the events in a transaction.
    var authors: Set<String> {
        get throws {
            guard target.contains("/send/") else { return [] }
            struct Transaction: Decodable {
                struct Event: Decodable { var sender: String }
                var pdus: [Event]
            }
            let transaction = try JSONDecoder().decode(Transaction.self, from: Data(request.bytes))
            return Set(transaction.pdus.map { String($0.sender.split(separator: ":", maxSplits: 1)[1]) })
        }
    }

    /// The request as bytes: the head as recorded.
    var requestBytes: [UInt8] {
        var text = "\(method) \(target) HTTP/1.1\r\n"
        for field in request.headers { text += "\(field[0]): \(field[1])\r\n" }
        return Array((text + "\r\n").utf8) + request.bytes
    }
}

/// The traffic of one way of naming servers.
struct RecordedTraffic: Sendable {
    static let directories = ["wellknown", "port", "ip", "srv"]

    struct Server: Sendable {
        var name: String
        var state: String
        /// Key id and unpadded base64.
        var keys: [String: String]
        /// Host names by which peers reach it.
        var hosts: Set<String>
    }

    private struct Index: Decodable {
        struct Entry: Decodable {
            var state: String
            var verifyKeys: [String: String]
        }
        var servers: [String: Entry]
        var requests: Int
    }

    let directory: String
    let servers: [Server]
    let exchanges: [RecordedExchange]
    /// The number of requests that the index speaks of.
    let indexed: Int

    init(_ directory: String) throws {
        let root = "corpus/real-traffic/\(directory)"
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let index = try decoder.decode(Index.self, from: Shared.bytes("\(root)/index.json"))
        let files = try FileManager.default.contentsOfDirectory(atPath: Shared.root.appending(path: root).path)
        var exchanges: [RecordedExchange] = []
        for file in files.filter({ $0.hasSuffix(".jsonl") }).sorted() {
            for line in try Shared.bytes("\(root)/\(file)").split(separator: 0x0A) {
                exchanges.append(try decoder.decode(RecordedExchange.self, from: line))
            }
        }
        self.directory = directory
        self.exchanges = exchanges
        indexed = index.requests
        servers = index.servers.sorted { $0.key < $1.key }.map { name, entry in
            Server(
                name: name, state: entry.state.uppercased(), keys: entry.verifyKeys,
                hosts: ["matrix.\(Self.host(of: name))"])
        }
    }

    /// A server name without its port.
    static func host(of name: String) -> String { String(name.split(separator: ":")[0]) }

    /// The requests that were made of a server, in order of time.
    func exchanges(of server: Server) -> [RecordedExchange] {
        exchanges.filter { exchange in
            if let destination = exchange.destination { return destination == server.name }
            let host = Self.host(of: exchange.host)
            return host == Self.host(of: server.name) || server.hosts.contains(host)
        }
    }
}
