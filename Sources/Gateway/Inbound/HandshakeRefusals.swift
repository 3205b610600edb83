// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// Records TLS handshakes that failed (AC-41). Stands behind the TLS handler, on the connection's loop.
final class HandshakeRefusals: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let loop: InboundLoop
    private var isEstablished = false

    init(_ loop: InboundLoop) { self.loop = loop }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted { isEstablished = true }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isEstablished, let failure = error as? TLSFailure { record(failure, context.channel.remoteAddress) }
        context.fireErrorCaught(error)
    }

    private func record(_ failure: TLSFailure, _ address: SocketAddress?) {
        var record = AuditRecord(
            time: loop.clock.microseconds, direction: .inbound, decision: .refuse, reason: .tlsRefused)
        record.policy = loop.inForce.stamp
        record.explain = failure.plainText
        let source = address.flatMap { IPAddress($0) }.map { SourcePrefix(AddressBits($0)) }
        guard loop.refusals.note(record, from: source, listed: nil, loop.inForce.policy) else {
            return loop.counters.count(.refuse)
        }
        loop.submitLate(record)
    }
}
