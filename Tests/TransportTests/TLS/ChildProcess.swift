// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program as a child: fed through a pipe, its output kept in a file, killed by its number when its time is up.
struct ChildProcess: Sendable {
    private let process: Process
    private let input: FileHandle
    private let outputFile: URL
    private let end: AsyncStream<Int32>

    /// Starts it; `seconds` later it is killed if it still runs.
    init(_ program: String, _ arguments: [String], in directory: URL? = nil, seconds: Int = 120) throws {
        // A child that ended does not read: writing to it must be an error, not a signal.
        signal(SIGPIPE, SIG_IGN)
        let outputFile = FileManager.default.temporaryDirectory.appending(path: "entente-test-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: outputFile.path, contents: nil)
        let sink = try FileHandle(forWritingTo: outputFile)
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/\(program)")
        process.arguments = arguments
        if let directory { process.currentDirectoryURL = directory }
        process.standardInput = pipe
        process.standardOutput = sink
        process.standardError = sink
        let (end, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus)
            continuation.finish()
        }
        try process.run()
        let pid = process.processIdentifier
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) {
            if process.isRunning { kill(pid, SIGKILL) }
        }
        self.process = process
        self.outputFile = outputFile
        self.end = end
        input = pipe.fileHandleForWriting
    }

    func type(_ text: String) { try? input.write(contentsOf: Data(text.utf8)) }

    func closeInput() { try? input.close() }

    /// Standard output and error together, so far.
    var output: String { String(decoding: (try? Data(contentsOf: outputFile)) ?? Data(), as: UTF8.self) }

    /// Waits until the output matches, at most until the child ends.
    func until(_ text: String) async -> Bool {
        while process.isRunning {
            if output.contains(text) { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return output.contains(text)
    }

    /// Waits for its end and takes its output file away.
    func finished() async -> (status: Int32, output: String) {
        var status: Int32 = -1
        for await last in end { status = last }
        let text = output
        try? FileManager.default.removeItem(at: outputFile)
        return (status, text)
    }

    func stop() async {
        // The mask of blocked signals is inherited: nothing less would be sure to arrive.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        _ = await finished()
    }

    /// Runs to the end with this input.
    static func run(
        _ program: String, _ arguments: [String], typing text: String = "", seconds: Int = 120
    ) async throws -> (status: Int32, output: String) {
        let child = try ChildProcess(program, arguments, seconds: seconds)
        child.type(text)
        child.closeInput()
        return await child.finished()
    }

    static func exists(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(program)")
    }
}

/// A directory with files in it, removed with the value.
final class Folder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "entente-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of a new file of these bytes.
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = url.appending(path: name)
        try Data(bytes).write(to: file)
        return file.path
    }
}
