// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import Transport

/// Sends a sink's records by syslog over TLS (RFC 5425), which knows no receipts.
///
/// What was sent over a connection counts as delivered when this side has said in TLS that it ends and the receiver then ended
/// in good order, too: it has read everything by then (section 4.4). So a connection lives for some seconds or megabytes of
/// records. What was sent over one that ended in any other way comes again over the next. Never blocks: connections are made and
/// written on an event loop of the sinks, files read and names looked up on threads of theirs.
final class SyslogDelivery: SinkDelivery, Sendable {
    struct Pace: Sendable {
        /// A connection that has sent so many bytes is ended. Smaller after a failure, so that a slow receiver comes on.
        var windowBytes = 16 << 20
        /// So is one that is so old; after a failure it may have this long only.
        var windowTime = Duration.seconds(10)
        var firstWindowTime = Duration.seconds(1)
        /// So many bytes are handed over at most that the socket has not taken, besides one batch.
        var waitingBytes = 4 << 20
        /// How long the receiver may take nothing.
        var stall = Duration.seconds(30)
        /// How long it may take to read what was sent and to end.
        var ending = Duration.seconds(60)
        var connecting = Duration.seconds(20)
    }

    private enum Phase { case idle, connecting, open, ending }

    private struct State {
        var phase = Phase.idle
        var channel: (any Channel)?
        /// Counts connections: events of one that was given up mean nothing.
        var connection = 0
        /// When the phase began, or something was last taken.
        var since = ContinuousClock.now
        /// When something was first handed over.
        var firstAt = ContinuousClock.now
        var last: UInt64 = 0
        var sentBytes = 0
        var waitingBytes = 0
        var isConfirmed = false
        /// Whether the receiver ends in TLS too; some close the connection only. One that did once has to do it each time.
        var announces = false
        var fault: String?
        var windowBytes: Int
        /// Whether the last connection failed.
        var isOnTrial = true
    }

    private static let piece = 16 << 10
    private static let leastWindow = 1 << 16
    /// The kernel's, so that little more than what the receiver has is unread.
    private static let sendBuffer = 256 << 10

    private let receiver: SinkSettings.Receiver
    private let eventLoop: any EventLoop
    private let threads: NIOThreadPool
    private let pace: Pace
    private let state: Mutex<State>
    private let identity = Mutex(SyslogIdentity())

    init(_ receiver: SinkSettings.Receiver, on eventLoop: any EventLoop, _ threads: NIOThreadPool, pace: Pace = Pace())
    {
        self.receiver = receiver
        self.eventLoop = eventLoop
        self.threads = threads
        self.pace = pace
        state = Mutex(State(windowBytes: pace.windowBytes))
    }

    deinit { state.withLock { $0.channel }?.close(promise: nil) }

    func look() throws(SinkFault) -> SinkProgress {
        let now = ContinuousClock.now
        let (progress, fault, isNew) = state.withLock { state in
            if state.isConfirmed {
                let last = state.last
                rest(&state)
                state.isOnTrial = false
                state.windowBytes = min(state.windowBytes * 2, pace.windowBytes)
                return (SinkProgress(confirmed: last, hasRoom: false), String?.none, false)
            }
            if let fault = state.fault ?? overdue(state, now) {
                rest(&state)
                state.isOnTrial = true
                state.windowBytes = max(state.windowBytes / 4, Self.leastWindow)
                return (SinkProgress(hasRoom: false), fault, false)
            }
            if state.phase == .idle {
                state.phase = .connecting
                state.since = now
                return (SinkProgress(hasRoom: false), nil, true)
            }
            let isSpent = isSpent(state, now)
            // Once the socket has taken everything.
            if isSpent, state.phase == .open, state.waitingBytes == 0 {
                state.phase = .ending
                state.since = now
                state.channel?.close(mode: .output, promise: nil)
            }
            let hasRoom = state.phase == .open && !isSpent && state.waitingBytes < pace.waitingBytes
            return (SinkProgress(hasRoom: hasRoom), nil, false)
        }
        if let fault { throw SinkFault(fault) }
        if isNew { connect() }
        return progress
    }

    func deliver(_ pieces: [UInt8], upTo last: UInt64) throws(SinkFault) -> SinkProgress {
        let (channel, connection) = state.withLock { state in
            if state.sentBytes == 0 { state.firstAt = .now }
            state.last = last
            state.sentBytes += pieces.count
            if state.waitingBytes == 0 { state.since = .now }
            state.waitingBytes += pieces.count
            return (state.channel, state.connection)
        }
        guard let channel else { throw SinkFault("the connection was closed") }
        // Piece by piece, so that it is seen whether a slow receiver takes anything at all.
        for start in stride(from: 0, to: pieces.count, by: Self.piece) {
            let piece = pieces[start..<min(start + Self.piece, pieces.count)]
            channel.writeAndFlush(ByteBuffer(bytes: piece)).whenComplete { [weak self, count = piece.count] result in
                self?.written(count, result, connection)
            }
        }
        return try look()
    }

    // MARK: One connection

    private func overdue(_ state: State, _ now: ContinuousClock.Instant) -> String? {
        let age = now - state.since
        return switch state.phase {
        case .idle: nil
        case .connecting: age > pace.connecting ? "the connection takes too long" : nil
        case .open:
            state.waitingBytes > 0 && age > pace.stall
                ? "it has taken nothing for \(pace.stall.components.seconds) s" : nil
        case .ending:
            age > pace.ending ? "it did not end the connection, which would say that it has everything" : nil
        }
    }

    /// Whether a connection has had enough to be asked whether it arrived.
    private func isSpent(_ state: State, _ now: ContinuousClock.Instant) -> Bool {
        let longest = state.isOnTrial ? pace.firstWindowTime : pace.windowTime
        return state.sentBytes > 0 && (state.sentBytes >= state.windowBytes || now - state.firstAt >= longest)
    }

    private func rest(_ state: inout State) {
        state.channel?.close(promise: nil)
        state.channel = nil
        state.connection += 1
        state.phase = .idle
        (state.last, state.sentBytes, state.waitingBytes) = (0, 0, 0)
        (state.isConfirmed, state.fault) = (false, nil)
    }

    private func connect() {
        let connection = state.withLock { $0.connection }
        let host = receiver.serverName ?? receiver.address.host
        threads.runIfActive(eventLoop: eventLoop) { [self] in
            let context: TLSClientContext
            do throws(SyslogIdentity.Fault) {
                context = try identity.withLock { identity throws(SyslogIdentity.Fault) in
                    try identity.context(of: receiver)
                }
            } catch {
                throw SinkFault(error.what)
            }
            guard
                let address = try? SocketAddress.makeAddressResolvingHost(
                    receiver.address.host, port: receiver.address.port)
            else { throw SinkFault("its name cannot be resolved") }
            return (context, address)
        }.flatMap { [self] (context: TLSClientContext, address: SocketAddress) in
            SendingHandler.connect(
                to: address, on: eventLoop, tls: context, peer: TLSPeerName(host: host), pins: receiver.pins,
                timeout: .seconds(10), sendBuffer: Self.sendBuffer
            ) { [weak self] in self?.happened($0, connection) }
        }.whenComplete { [weak self] result in self?.connected(result, connection) }
    }

    private func connected(_ result: Result<any Channel, any Error>, _ connection: Int) {
        let isStale = state.withLock { state in
            guard state.connection == connection else { return true }
            switch result {
            case .success(let channel): state.channel = channel
            case .failure(let fault as SinkFault): state.fault = state.fault ?? fault.cause
            case .failure: state.fault = state.fault ?? "it cannot be reached"
            }
            return false
        }
        if isStale, case .success(let channel) = result { channel.close(promise: nil) }
    }

    private func happened(_ event: SendingHandler.Event, _ connection: Int) {
        state.withLock { state in
            guard state.connection == connection else { return }
            switch event {
            case .ready:
                state.phase = .open
                state.since = .now
            case .closed(let isAnnounced) where state.phase == .ending && (isAnnounced || !state.announces):
                state.isConfirmed = true
                state.announces = isAnnounced
            case .closed: state.fault = state.fault ?? "it closed the connection before it was told to"
            case .failed(let why): state.fault = state.fault ?? why
            }
        }
    }

    private func written(_ count: Int, _ result: Result<Void, any Error>, _ connection: Int) {
        state.withLock { state in
            guard state.connection == connection else { return }
            switch result {
            case .success:
                state.waitingBytes -= count
                state.since = .now
            case .failure: state.fault = state.fault ?? "the connection broke"
            }
        }
    }
}
