// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix

@testable import Transport

/// A server on a loopback port of its own with a new `RecordingService` for each connection.
struct HTTPLoopback {
    let server: HTTPServer
    let port: Int

    static func start(
        limits: HTTPServerLimits = HTTPServerLimits(),
        configure: @escaping @Sendable (RecordingService) -> Void = { _ in },
        prepare: HTTPServer.Preparation? = nil
    ) async throws -> HTTPLoopback {
        let server = try await HTTPServer.bind(
            to: try SocketAddress(ipAddress: "127.0.0.1", port: 0), group: MultiThreadedEventLoopGroup.singleton,
            limits: limits, prepare: prepare
        ) { _ in
            let service = RecordingService()
            configure(service)
            return service
        }
        return HTTPLoopback(server: server, port: server.localAddress?.port ?? 0)
    }

    var address: SocketAddress { get throws { try SocketAddress(ipAddress: "127.0.0.1", port: port) } }
    var url: String { "http://127.0.0.1:\(port)" }
}

/// Runs curl, bounded to ten seconds, and gives what it wrote.
enum Curl {
    static let isPresent = FileManager.default.isExecutableFile(atPath: "/usr/bin/curl")

    static func run(_ arguments: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/curl")
            process.arguments = ["--silent", "--show-error", "--max-time", "10", "--noproxy", "*"] + arguments
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            do {
                try process.run()
                DispatchQueue.global().async {
                    let data = pipe.fileHandleForReading.readDataToEndOfFile()
                    process.waitUntilExit()
                    continuation.resume(returning: String(decoding: data, as: UTF8.self))
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}
