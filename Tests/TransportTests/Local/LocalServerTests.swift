// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Transport

/// What the server was asked, refused requests too.
private final class Asked: Sendable {
    private let requests = Mutex<[LocalServer.Request]>([])

    func note(_ request: LocalServer.Request) { requests.withLock { $0.append(request) } }
    var all: [LocalServer.Request] { requests.withLock { $0 } }
}

@Suite("The control socket's transport, AC-103", .serialized)
struct LocalServerTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "local-\(UUID().uuidString)").path
    private var path: String { directory + "/s" }

    init() throws { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) }

    /// Runs `body` against a server that answers with what it was asked.
    ///
    /// - Parameter uid: who seems to be at the other end; `nil`: who is.
    ///
    /// The time of a connection is long: the answer is made where other tests may block every thread.
    private func serving(
        _ limits: LocalServer.Limits = LocalServer.Limits(), time: TimeAmount = .seconds(240), as uid: UInt32? = nil,
        _ body: @Sendable @escaping (String) throws -> Void
    ) async throws -> [LocalServer.Request] {
        let (path, asked) = (path, Asked())
        var limits = limits
        limits.time = time
        var server = LocalServer(try LocalSocket(listeningAt: path), limits: limits) { request, peer in
            asked.note(request)
            switch request {
            case .line(let line): return line
            case .refused(let fault): return Array("\(fault) \(peer.uid)".utf8)
            }
        }
        if let uid { server.identify = { _ in LocalServer.Peer(uid: uid, pid: 4711) } }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let running = Task { [server] in try? await server.run(on: group) }
        do {
            try await NIOThreadPool.singleton.runIfActive { try body(path) }
        } catch {
            running.cancel()
            await running.value
            try await group.shutdownGracefully()
            throw error
        }
        running.cancel()
        await running.value
        try await group.shutdownGracefully()
        #expect(!FileManager.default.fileExists(atPath: path), "removed at the end")
        try? FileManager.default.removeItem(atPath: directory)
        return asked.all
    }

    private static func connect(_ path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 240, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        #expect(try #require(UnixAddress(path)).connect(descriptor) == 0)
        return descriptor
    }

    /// Until the other side ends.
    private static func drain(_ descriptor: Int32) -> String {
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    private static func send(_ text: String, _ descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    @Test("answers a line with a line, and the socket is its owner's alone from the first instant")
    func answers() async throws {
        let asked = try await serving { path in
            var status = stat()
            #expect(unsafe lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(try LocalClient.ask(Array("hello".utf8), at: path, seconds: 240) == Array("hello".utf8))
            #expect(try LocalClient.ask([], at: path, seconds: 240) == [])
            let slow = try Self.connect(path)
            for part in ["he", "ll", "o\nand more\n"] { Self.send(part, slow) }
            #expect(Self.drain(slow) == "hello\n", "one question for each connection")
        }
        #expect(asked == [.line(Array("hello".utf8)), .line([]), .line(Array("hello".utf8))])
    }

    @Test("what is too large, never ends or says nothing is refused and costs no more than its limits")
    func hostile() async throws {
        var limits = LocalServer.Limits()
        limits.requestBytes = 1000
        let asked = try await serving(limits) { path in
            let large = try Self.connect(path)
            for _ in 0..<50 { Self.send(String(repeating: "x", count: 100_000), large) }
            #expect(Self.drain(large).hasPrefix("tooLarge"))
            #expect(
                try LocalClient.ask(Array(repeating: 0x78, count: 1000), at: path, seconds: 240).count == 1000,
                "just as long")
            #expect(
                try LocalClient.ask(Array(repeating: 0x78, count: 1001), at: path, seconds: 240).starts(
                    with: "tooLarge".utf8))
            let half = try Self.connect(path)
            Self.send("half", half)
            shutdown(half, Int32(SHUT_WR))
            #expect(Self.drain(half).hasPrefix("incomplete"))
            #expect(try LocalClient.ask([0, 1, 0xFF], at: path, seconds: 240) == [0, 1, 0xFF], "it answers still")
        }
        #expect(asked.count { $0 == .refused(.tooLarge) } == 2)
        #expect(asked.count { $0 == .refused(.incomplete) } == 1)
    }

    @Test("AC-103 another user than root and the gateway's is told so, and nothing that he says is read")
    func stranger() async throws {
        for user in [UInt32(0), 1000] {
            #expect(
                LocalServer.Peer(uid: user, pid: 1).mayAsk(of: user)
                    && LocalServer.Peer(uid: 0, pid: 1).mayAsk(of: user))
            #expect(!LocalServer.Peer(uid: 1001, pid: 1).mayAsk(of: user))
        }
        #expect(!LocalServer.Peer(uid: 1000, pid: 1).mayAsk(of: 0))
        let stranger = geteuid() + 1001
        let asked = try await serving(as: stranger) { path in
            let refusal = Array("stranger \(stranger)".utf8)
            for line in ["hello", String(repeating: "x", count: 40_000)] {
                let answer = try LocalClient.ask(Array(line.utf8), at: path, seconds: 240)
                #expect(answer == refusal)
            }
            // He need not even say something.
            let silent = try Self.connect(path)
            #expect(Self.drain(silent) == "stranger \(stranger)\n")
        }
        #expect(asked == [.refused(.stranger), .refused(.stranger), .refused(.stranger)])
    }

    @Test("AC-103 root and the gateway's user are answered", arguments: [0, geteuid()])
    func known(uid: UInt32) async throws {
        let asked = try await serving(as: uid) { path in
            let answer = try LocalClient.ask(Array("hello".utf8), at: path, seconds: 240)
            #expect(answer == Array("hello".utf8))
        }
        #expect(asked == [.line(Array("hello".utf8))])
    }

    @Test("who says nothing, or never ends a line, is closed when his time is over")
    func slow() async throws {
        let asked = try await serving(time: .milliseconds(300)) { path in
            let silent = try Self.connect(path)
            let slow = try Self.connect(path)
            Self.send("half a li", slow)
            _ = Self.drain(silent)
            _ = Self.drain(slow)
        }
        #expect(asked.allSatisfy { $0 == .refused(.incomplete) })
    }

    @Test("more connections than it takes are told so at once, and the others are answered")
    func many() async throws {
        var limits = LocalServer.Limits()
        limits.connections = 3
        let asked = try await serving(limits) { path in
            let open = try (0..<3).map { _ in try Self.connect(path) }
            for descriptor in open { Self.send("be", descriptor) }
            for _ in 0..<40 {
                let answer = try LocalClient.ask(Array("more".utf8), at: path, seconds: 240)
                #expect(String(decoding: answer, as: UTF8.self).hasPrefix("tooMany"))
            }
            for descriptor in open {
                Self.send("low\n", descriptor)
                #expect(Self.drain(descriptor) == "below\n")
            }
        }
        #expect(asked.count { $0 == .refused(.tooMany) } == 40)
    }

    @Test("a socket that nobody answers on is replaced; one that answers, and what is no socket, are not")
    func place() throws {
        let first = try LocalSocket(listeningAt: path)
        #expect(throws: LocalSocket.Fault.inUse) { try LocalSocket(listeningAt: path) }
        close(first.descriptor)
        let second = try LocalSocket(listeningAt: path)
        first.removeFile()
        #expect(FileManager.default.fileExists(atPath: path), "it is the second one's now")
        second.removeFile()
        #expect(!FileManager.default.fileExists(atPath: path))
        close(second.descriptor)
        try Data("mine".utf8).write(to: URL(filePath: path))
        #expect(throws: LocalSocket.Fault.noSocket) { try LocalSocket(listeningAt: path) }
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: directory + "/elsewhere")
        #expect(throws: LocalSocket.Fault.noSocket) { try LocalSocket(listeningAt: path) }
        let long = directory + "/" + String(repeating: "x", count: 104)
        #expect(throws: LocalSocket.Fault.path(long.utf8.count)) { try LocalSocket(listeningAt: long) }
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test("a client says whether nobody is there")
    func absent() throws {
        #expect(throws: LocalClient.Failure(what: "cannot be connected to, no such file or directory", isAbsent: true))
        {
            try LocalClient.ask([], at: path, seconds: 240)
        }
        let socket = try LocalSocket(listeningAt: path)
        close(socket.descriptor)
        #expect(throws: LocalClient.Failure(what: "cannot be connected to, connection refused", isAbsent: true)) {
            try LocalClient.ask([], at: path, seconds: 240)
        }
        try FileManager.default.removeItem(atPath: directory)
    }
}
