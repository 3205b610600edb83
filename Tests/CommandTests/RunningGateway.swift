// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestKit
import Testing

/// `entente serve` as a child process, at most a minute long.
final class RunningGateway {
    struct DidNotStart: Error, CustomStringConvertible {
        let description: String
    }

    let port: Int
    private let process = Process()
    private let pipe = Pipe()
    private let watchdog: DispatchWorkItem
    private(set) var log = ""

    /// Ready when this returns.
    init(configuration: String, port: Int) throws {
        self.port = port
        process.executableURL = URL(filePath: try #require(Entente.binary))
        process.arguments = ["serve", "--config", configuration]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = pipe
        try process.run()
        let id = process.processIdentifier
        watchdog = DispatchWorkItem { kill(id, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: watchdog)
        try wait(for: "ready")
    }

    deinit { if process.isRunning { killNine() } }

    /// Until the log has said something, from its beginning or since the last time.
    func wait(for text: String) throws {
        while !log.contains(text) {
            let more = pipe.fileHandleForReading.availableData
            guard !more.isEmpty else { throw DidNotStart(description: log) }
            log += String(decoding: more, as: UTF8.self)
        }
        log = String(log[(log.range(of: text)?.upperBound ?? log.endIndex)...])
    }

    func hangUp() { kill(process.processIdentifier, SIGHUP) }

    func killNine() {
        kill(process.processIdentifier, SIGKILL)
        end()
    }

    func stop() {
        process.terminate()
        end()
    }

    private func end() {
        process.waitUntilExit()
        watchdog.cancel()
    }

    /// What a stranger without credentials gets; 0 if there is no answer.
    func status(of path: String) throws -> Int {
        let asking = Process()
        let output = Pipe()
        asking.executableURL = URL(filePath: "/usr/bin/curl")
        asking.arguments = [
            "-sk", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code}", "--resolve",
            "fr.example:\(port):127.0.0.1",
            "https://fr.example:\(port)\(path)",
        ]
        asking.standardOutput = output
        try asking.run()
        asking.waitUntilExit()
        return Int(String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)) ?? 0
    }

    /// A port that nobody listens on now.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(isBound)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
