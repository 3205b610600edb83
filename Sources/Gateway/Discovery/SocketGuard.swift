// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import Synchronization
package import Transport

/// Stands next to the socket of a fetch: lets nothing through before the connected address was checked, and ends the
/// connection when the time is over.
///
/// What was asked for is not proof of where the socket leads; only the socket's own remote address is (rebinding,
/// redirection in between). Add it before TLS.
package final class SocketGuard: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer

    /// The first reason why the connection cannot be used, readable from any thread.
    package final class Verdict: Sendable {
        private let first = Mutex<FetchFault?>(nil)

        package init() {}

        package var fault: FetchFault? { first.withLock { $0 } }

        package func note(_ fault: FetchFault) { first.withLock { $0 = $0 ?? fault } }
    }

    private let dial: Dial
    private let rules: AddressRules
    private let timeout: TimeAmount
    private let verdict: Verdict
    private var timer: Scheduled<Void>?

    package init(dial: Dial, rules: AddressRules, timeout: TimeAmount, verdict: Verdict) {
        self.dial = dial
        self.rules = rules
        self.timeout = timeout
        self.verdict = verdict
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.verdict.note(.timeout)
            context.close(promise: nil)
        }
    }

    package func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    package func channelActive(context: ChannelHandlerContext) {
        guard let remote = context.remoteAddress, let address = IPAddress(remote) else {
            return refuse("no address", context)
        }
        if address.unmapped != dial.address.unmapped || remote.port != Int(dial.port) {
            return refuse("connected to \(remote.port.map { "\(address) port \($0)" } ?? "\(address)")", context)
        }
        if let refusal = rules.refusal(of: address) { return refuse("\(address): \(refusal.rawValue)", context) }
        context.fireChannelActive()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    private func refuse(_ what: String, _ context: ChannelHandlerContext) {
        verdict.note(.refusedAddress(what))
        context.close(promise: nil)
    }
}
