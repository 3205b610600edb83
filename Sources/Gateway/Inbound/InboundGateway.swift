// SPDX-License-Identifier: Apache-2.0

package import Audit
package import Logging
internal import MatrixFederation
package import NIOCore
internal import PolicyEngine
package import Transport

/// The inbound side: listeners before the homeservers, a policy in force, and a log in which every decision stands.
///
/// Each event loop has its own desk at the log and its own connections to the homeservers; loops share nothing that
/// a request waits for.
package final class InboundGateway: Sendable {
    private struct Loop: Sendable {
        let eventLoop: any EventLoop
        let box: NIOLoopBoundBox<InboundLoop>
    }

    /// Decisions of all loops, for the console.
    package let tally = DecisionTally()
    private let refusals: RefusalSums
    private let group: any EventLoopGroup
    private let loops: [Loop]
    private let logger: Logger

    package init(
        group: any EventLoopGroup, settings: InboundSettings, keyRing: KeyRing, log: AuditLog,
        policy: PolicyInForce, clock: WallClock = .system, monotonic: MonotonicClock = .system,
        logger: Logger
    ) {
        self.group = group
        self.logger = logger
        let counters = DecisionCounters()
        let tally = tally
        let limits = OriginLimits()
        let refusals = RefusalSums(log, singleLimit: settings.singleRefusals, monotonic)
        self.refusals = refusals
        loops = group.makeIterator().enumerated().map { number, eventLoop in
            // Tasks of a loop run after the events of the turn in which they were given.
            let desk = AuditDesk(log) { desk in
                eventLoop.execute { desk.flush() }
            } wake: { desk in
                eventLoop.execute { desk.collect() }
            }
            return Loop(
                eventLoop: eventLoop,
                box: NIOLoopBoundBox.makeBoxSendingValue(
                    InboundLoop(
                        eventLoop: eventLoop, number: number, settings: settings, keyRing: keyRing, desk: desk,
                        references: log.references,
                        clock: clock, monotonic: monotonic, limits: limits, refusals: refusals, counters: counters,
                        tally: tally,
                        logger: logger, policy: policy),
                    eventLoop: eventLoop))
        }
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - names: which names are served here.
    ///   - name: the listener's, by which a policy gives it to a network; without one it is the Internet's.
    ///   - tls: read anew by each connection, so that certificates can be replaced; `nil` only in tests.
    package func listen(
        to address: SocketAddress, names: ServedNames, listener name: String? = nil, tls: TLSServerContextBox?,
        limits: HTTPServerLimits = HTTPServerLimits()
    ) async throws -> HTTPServer {
        let loops = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0.box) })
        return try await HTTPServer.bind(to: address, group: group, limits: limits) { channel, deadlines in
            guard let tls else { return }
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(try TLSServerHandler(tls, deadlines: deadlines))
            if let loop = loops[ObjectIdentifier(channel.eventLoop)]?.value {
                try pipeline.addHandler(HandshakeRefusals(loop))
            }
        } makeService: { channel in
            guard let loop = loops[ObjectIdentifier(channel.eventLoop)]?.value else {
                throw ChannelError.inappropriateOperationForState
            }
            let handler = try? channel.pipeline.syncOperations.handler(type: TLSServerHandler.self)
            return InboundConnection(
                loop, names, listener: name, source: channel.remoteAddress.flatMap { IPAddress($0) }, tls: handler)
        }
    }

    /// Puts on record how many refusals were counted without a record of their own. To be called often, and with `all` before
    /// another policy comes into force and when nothing comes in any more.
    package func recordRefusalSums(all: Bool) async throws(AuditError) { try await refusals.store(all: all) }

    /// Requests that begin from now on are decided by `policy`; those under way keep the one they began with.
    package func activate(_ policy: PolicyInForce) {
        for loop in loops { loop.eventLoop.execute { loop.box.value.activate(policy) } }
    }

    /// How many requests have begun and are not answered, over all loops.
    package func requestsUnderWay() async -> Int {
        var count = 0
        for loop in loops {
            count += (try? await loop.eventLoop.submit { loop.box.value.requestsUnderWay }.get()) ?? 0
        }
        return count
    }

    /// How many records were submitted and are not known to be durable, over all loops.
    package func recordsUnderWay() async -> Int {
        var count = 0
        for loop in loops {
            count += (try? await loop.eventLoop.submit { loop.box.value.desk.outstanding }.get()) ?? 0
        }
        return count
    }

    /// Requests that begin from now on are answered 503.
    package func drain() {
        for loop in loops { loop.eventLoop.execute { loop.box.value.drain() } }
    }
}
