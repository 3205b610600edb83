// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// `entente witness serve` as a child process, at most two minutes long.
final class RunningWitness {
    struct DidNotSay: Error, CustomStringConvertible {
        let description: String
    }

    private let process = Process()
    private let pipe = Pipe()
    private let watchdog: DispatchWorkItem
    private var log = ""

    /// Listens when this returns.
    init(_ options: [String], port: Int) throws {
        process.executableURL = URL(filePath: try #require(Entente.binary))
        process.arguments = ["witness", "serve", "--listen", "127.0.0.1:\(port)"] + options
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = pipe
        try process.run()
        let id = process.processIdentifier
        watchdog = DispatchWorkItem { kill(id, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 120, execute: watchdog)
        try wait(for: "listens")
    }

    deinit { if process.isRunning { killNine() } }

    /// Until it has said something, from its beginning or since the last time.
    func wait(for text: String) throws {
        while !log.contains(text) {
            let more = pipe.fileHandleForReading.availableData
            guard !more.isEmpty else { throw DidNotSay(description: log) }
            log += String(decoding: more, as: UTF8.self)
        }
        log = String(log[(log.range(of: text)?.upperBound ?? log.endIndex)...])
    }

    func killNine() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        watchdog.cancel()
    }
}
