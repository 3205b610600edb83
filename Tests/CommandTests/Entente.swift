// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

/// The built binary as an operator uses it.
enum Entente {
    struct Ended {
        let status: Int32
        let output: [UInt8]
        let errors: String

        var text: String { String(decoding: output, as: UTF8.self) }

        /// The `--json` answer.
        func answer() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(output)) as? [String: Any])
        }
    }

    /// Beside the test bundle, or what `ENTENTE_BIN` names; `nil` if it is not built.
    static let binary: String? = {
        if let named = ProcessInfo.processInfo.environment["ENTENTE_BIN"] { return named }
        // The bundle is an argument of the helper that loads it, or the program itself.
        let bundles = CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
        for bundle in bundles {
            let beside = URL(filePath: bundle).deletingLastPathComponent().appending(path: "entente").path
            if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        }
        let built = Shared.projectRoot.appending(path: ".build/debug/entente").path
        return FileManager.default.isExecutableFile(atPath: built) ? built : nil
    }()

    static let isBuilt: Bool = {
        if binary == nil { print("CommandTests: skipped, there is no binary `entente` beside the tests") }
        return binary != nil
    }()

    /// Runs it, at most twenty seconds; a run that hangs ends with 124.
    static func run(_ arguments: [String], input: [UInt8] = []) throws -> Ended {
        let directory = try TemporaryDirectory()
        let standardInput = try directory.file("in", input)
        let output = try directory.file("out", [])
        let errors = try directory.file("err", [])
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["-s", "KILL", "20", try #require(binary)] + arguments
        process.standardInput = try FileHandle(forReadingFrom: standardInput)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        return Ended(
            status: process.terminationStatus, output: Array(try Data(contentsOf: output)),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
}

/// A directory that goes when the last holder does.
final class TemporaryDirectory {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "entente-commands-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file and says where it is.
    func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
        let file = url.appending(path: name)
        try Data(bytes).write(to: file)
        return file
    }

    func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)).path }
}
