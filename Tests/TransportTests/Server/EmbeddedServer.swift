// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded

@testable import Transport

/// A server handler on an embedded channel, with a clock that the test turns.
final class EmbeddedServer {
    let channel: EmbeddedChannel
    let service = RecordingService()

    init(limits: HTTPServerLimits = HTTPServerLimits()) throws {
        let loop = EmbeddedEventLoop()
        channel = EmbeddedChannel(loop: loop)
        try channel.pipeline.syncOperations.addHandler(HalfClosing())
        try channel.pipeline.syncOperations.addHandler(
            HTTPServerHandler(service: service, limits: limits, now: loop.now))
        try channel.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
    }

    func send(_ text: String) throws {
        // A closed channel takes nothing more, as a closed socket.
        if channel.isActive { try channel.writeInbound(ByteBuffer(string: text)) }
    }

    /// Everything the server has written since the last call.
    func received() throws -> String {
        var text = ""
        while let part = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: part) }
        return text
    }

    func advance(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

    var isOpen: Bool { channel.isActive }
}

/// Keeps an embedded channel open when only its output closes, as a socket does.
private final class HalfClosing: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output { promise?.succeed() } else { context.close(mode: mode, promise: promise) }
    }
}
