// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import NIOCore
internal import NIOPosix
internal import Synchronization

/// Answers on a `LocalSocket`: one line comes in, one line goes out, the connection ends.
///
/// Who is at the other end is asked of the kernel. Nothing that comes in is kept beyond the limits.
package struct LocalServer: Sendable {
    package struct Limits: Sendable {
        /// Of a request, without the line's end.
        package var requestBytes = 32 << 10
        /// At a time. One more is closed at once.
        package var connections = 8
        /// From the first instant of a connection to its last.
        package var time = TimeAmount.seconds(10)

        package init() {}
    }

    /// The process at the other end when it connected (SO_PEERCRED).
    package struct Peer: Hashable, Sendable {
        package let uid: UInt32
        package let pid: Int32

        /// Root, and who runs the process that is asked.
        func mayAsk(of user: UInt32) -> Bool { uid == 0 || uid == user }
    }

    package enum Request: Hashable, Sendable {
        case line([UInt8])
        case refused(Fault)
    }

    package enum Fault: Hashable, Sendable {
        /// Neither root nor who runs this process.
        case stranger
        case tooLarge
        /// It ended, or took too long, before its line did.
        case incomplete
        case tooMany

        package var text: String {
            switch self {
            case .stranger: "who asks is neither root nor the gateway's user"
            case .tooLarge: "the request is too large"
            case .incomplete: "the request ended or stopped before its line did"
            case .tooMany: "too many connections at a time"
            }
        }
    }

    package typealias Answer = @Sendable (Request, Peer) async -> [UInt8]

    private let socket: LocalSocket
    private let limits: Limits
    private let answer: Answer
    /// Who is at the other end of a connection.
    var identify: @Sendable (any Channel) async throws -> Peer = Self.peer(of:)

    package init(_ socket: LocalSocket, limits: Limits = Limits(), answer: @escaping Answer) {
        self.socket = socket
        self.limits = limits
        self.answer = answer
    }

    /// Until the task is cancelled; then the socket is closed and its file removed.
    package func run(on group: any EventLoopGroup) async throws {
        defer { socket.removeFile() }
        let (limits, active) = (limits, Active())
        let server = try await ServerBootstrap(group: group)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .bind(socket.descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ConnectionEnd(after: limits.time))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await withThrowingDiscardingTaskGroup { tasks in
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    let isOneTooMany = !active.enter(limits.connections)
                    tasks.addTask {
                        defer { if !isOneTooMany { active.leave() } }
                        try? await serve(connection, isOneTooMany)
                    }
                }
            }
        }
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ isOneTooMany: Bool) async throws {
        let peer = try await identify(connection.channel)
        try await connection.executeThenClose { inbound, outbound in
            let request: Request
            if !peer.mayAsk(of: geteuid()) {
                request = .refused(.stranger)
            } else if isOneTooMany {
                request = .refused(.tooMany)
            } else {
                request = await read(inbound)
            }
            var bytes = await answer(request, peer)
            bytes.append(0x0A)
            try await outbound.write(ByteBuffer(bytes: bytes))
        }
    }

    private func read(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async -> Request {
        var line: [UInt8] = []
        do {
            for try await part in inbound {
                let bytes = part.readableBytesView
                if let end = bytes.firstIndex(of: 0x0A) {
                    line += bytes[..<end]
                    return line.count <= limits.requestBytes ? .line(line) : .refused(.tooLarge)
                }
                line += bytes
                if line.count > limits.requestBytes { return .refused(.tooLarge) }
            }
        } catch {}
        return .refused(.incomplete)
    }

    @Sendable private static func peer(of channel: any Channel) async throws -> Peer {
        guard let options = channel as? any SocketOptionProvider else { throw ChannelError.operationUnsupported }
        let credentials: Credentials = try await options.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        ).get()
        return Peer(uid: credentials.uid, pid: credentials.pid)
    }
}

/// `struct ucred` of socket(7), which the module map of the C library leaves out.
private struct Credentials: Sendable {
    let pid: Int32
    let uid: UInt32
    let gid: UInt32
}

/// How many connections are open.
private final class Active: Sendable {
    private let count = Mutex(0)

    func enter(_ most: Int) -> Bool {
        count.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
    }

    func leave() { count.withLock { $0 -= 1 } }
}

/// Closes a connection when its time is over, whatever it does.
private final class ConnectionEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let time: TimeAmount
    private var end: Scheduled<Void>?

    init(after time: TimeAmount) { self.time = time }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        end = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end?.cancel()
        context.fireChannelInactive()
    }
}
