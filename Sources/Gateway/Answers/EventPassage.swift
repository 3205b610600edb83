// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// Passes an answer on as the events in it get on record: evidence before effect, for what comes back too.
///
/// While a record is written nothing more is read from the homeserver, so that little waits however large the answer is.
final class EventPassage: AnswerPassage {
    private unowned let forwarding: Forwarding
    private let head: HTTPResponseHead
    /// The number of the decision by which the answer passes.
    private let decision: UInt64
    private var held: HeldAnswer
    /// Records that are not durable yet.
    private var awaited = 0
    private var hasBegun = false
    private var hasEnded = false
    /// The whole answer, if it came at once.
    private var body: ByteBuffer?

    let passedMedia: PassedMedia? = nil

    /// - Parameter decision: its record.
    init(_ forwarding: Forwarding, _ head: HTTPResponseHead, _ shape: AnswerShape, level: AuditLevel, decision: UInt64)
    {
        (self.forwarding, self.head, self.decision) = (forwarding, head, decision)
        held = HeldAnswer(shape, level > .minimal ? forwarding.request.loop.references : nil)
    }

    func came(_ body: ByteBuffer) {
        self.body = body
        hasEnded = true
        take(body)
    }

    /// The head goes with the first bytes that pass: until then the answer may still become another one.
    func began() {}

    func part(_ bytes: ByteBuffer) { take(bytes) }

    func ended() {
        hasEnded = true
        take(nil)
    }

    private func take(_ bytes: ByteBuffer?) {
        var records: [OutcomeRecord] = []
        do throws(AnswerFault) {
            if let bytes { try held.take(bytes) }
            if hasEnded { try held.end() }
        } catch {
            guard forwarding.request.inForce.policy.mode == .shadow else { return refuse(error) }
            forwarding.request.loop.reportUnreadable(error, forwarding.endpoint, passes: true)
            held.passUnread()
            var record = record(nil)
            record.reason = .upstreamResponse
            records.append(record)
        }
        records += held.due().map(record)
        guard !records.isEmpty else { return awaited == 0 ? pass() : () }
        records[records.count - 1].http.bytesOut = held.coveredBytes
        submit(records)
    }

    private func refuse(_ fault: AnswerFault) {
        forwarding.request.loop.reportUnreadable(fault, forwarding.endpoint, passes: false)
        let refusal = Refusal(502, "M_UNKNOWN", .upstreamResponse)
        forwarding.note(refusal)
        forwarding.stop(refusal)
    }

    // MARK: Records

    private func record(_ answered: AnsweredEvents?) -> OutcomeRecord {
        OutcomeRecord(
            time: forwarding.request.loop.clock.microseconds, decision: decision,
            http: AuditRecord.HTTP(status: head.status), answered: answered)
    }

    private func submit(_ records: [OutcomeRecord]) {
        forwarding.hold()
        awaited += records.count
        let request = forwarding.request
        let mayPassUnrecorded = request.inForce.policy.mayPassUnrecorded(forwarding.peer)
        for record in records {
            request.loop.desk.submit(record, mayPassUnrecorded: mayPassUnrecorded) { [self, forwarding] outcome in
                request.loop.report(outcome)
                switch consume outcome {
                case .permitted: recorded(forwarding)
                case .excused: recorded(forwarding)
                case .recorded: unrecorded(forwarding)
                case .failed: unrecorded(forwarding)
                }
            }
        }
    }

    private func recorded(_ forwarding: Forwarding) {
        awaited -= 1
        guard awaited == 0, !forwarding.isAbandoned else { return }
        guard !forwarding.request.exchange.isClosed else { return forwarding.abandon() }
        pass()
    }

    private func unrecorded(_ forwarding: Forwarding) {
        guard !forwarding.isAbandoned else { return }
        forwarding.stop(.unrecorded)
    }

    // MARK: Pass on

    private func pass() {
        if let body { return forwarding.pass(head, body) }
        let buffers = held.release()
        if !hasBegun, hasEnded || !buffers.isEmpty {
            hasBegun = true
            forwarding.start(head)
        }
        for buffer in buffers { forwarding.write(buffer) }
        if hasEnded { forwarding.finish() } else { forwarding.goOn() }
    }
}
