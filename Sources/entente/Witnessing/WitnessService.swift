// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import NIOCore
internal import NIOPosix
internal import Transport

/// Answers `POST /add-checkpoint`. C2SP tlog-witness.
///
/// Requests wait in line for one thread, which has the disk: the event loop never blocks.
final class WitnessService: HTTPService {
    private let ledger: WitnessLedger
    private let thread: NIOThreadPool
    private let report: @Sendable (String) -> Void

    /// - Parameter report: told a line for each answer.
    init(_ ledger: WitnessLedger, on thread: NIOThreadPool, report: @escaping @Sendable (String) -> Void) {
        self.ledger = ledger
        self.thread = thread
        self.report = report
    }

    func head(_ head: HTTPRequestHead, _ exchange: HTTPExchange) -> BodyPlan {
        guard head.text(head.target) == "/add-checkpoint" else {
            WitnessReply(404, "no such page\n").send(exchange)
            return .discard(limit: 0)
        }
        guard head.method == .post else {
            WitnessReply(405, "only POST\n").send(exchange)
            return .discard(limit: 0)
        }
        return .collect(limit: AddCheckpoint.byteLimit)
    }

    func body(_ body: ByteBuffer, _ exchange: HTTPExchange) {
        guard let request = try? AddCheckpoint(parsing: Array(body.readableBytesView)) else {
            return WitnessReply(400, "no request of tlog-witness\n").send(exchange)
        }
        guard let loop = exchange.eventLoop else { return }
        let (ledger, report) = (ledger, report)
        let answered = thread.runIfActive(eventLoop: loop) { () -> WitnessReply in
            let answer = ledger.add(request)
            let reply = WitnessReply(answer)
            report("\(reply.status) \(WitnessReply.sentence(answer))")
            return reply
        }
        answered.assumeIsolated().whenComplete { result in
            ((try? result.get()) ?? WitnessReply(503, "ending\n")).send(exchange)
        }
    }
}

/// An answer of a witness.
struct WitnessReply: Sendable {
    let status: Int
    let body: String
    private let contentType: String

    init(_ status: Int, _ body: String, _ contentType: String = "text/plain; charset=utf-8") {
        self.status = status
        self.body = body
        self.contentType = contentType
    }

    /// With the status that the specification has for it.
    init(_ answer: WitnessLedger.Answer) {
        switch answer {
        case .cosigned(let line, _): self.init(200, line.text)
        case .unavailable: self.init(503, "not stored, so not cosigned\n")
        case .refused(let verdict):
            switch verdict {
            case .otherSize(let size): self.init(409, "\(size)\n", "text/x.tlog.size")
            case .fork(_, let known): self.init(409, "\(known.size)\n", "text/x.tlog.size")
            case .unknownLog: self.init(404, "unknown log\n")
            case .unsigned: self.init(403, "not signed by the log's key\n")
            case .notProved: self.init(422, "the proof does not hold\n")
            case .malformed, .cosign: self.init(400, "no request of tlog-witness\n")
            }
        }
    }

    func send(_ exchange: HTTPExchange) {
        var fields = HTTPFieldLines()
        fields.append("Content-Type", contentType)
        fields.append("Cache-Control", "no-store")
        fields.append("X-Content-Type-Options", "nosniff")
        exchange.respond(status, fields, ByteBuffer(string: body))
    }

    /// For the operator. Nothing of it is a stranger's word: a log's name is one that was configured.
    static func sentence(_ answer: WitnessLedger.Answer) -> String {
        switch answer {
        case .cosigned(_, let checkpoint): "cosigned \(checkpoint.origin) at \(checkpoint.size)"
        case .unavailable(let failure): "\(failure); nothing was cosigned; see to the disk"
        case .refused(let verdict):
            switch verdict {
            case .otherSize(let size): "not cosigned: the last size is \(size)"
            case .fork(let checkpoint, _):
                "ALARM: \(checkpoint.origin) signed two different logs of \(checkpoint.size) records; "
                    + "nothing was cosigned; both are kept, ask its operator"
            case .notProved(let checkpoint):
                "not cosigned: no proof that \(checkpoint.origin) at \(checkpoint.size) continues what was cosigned"
            case .unknownLog: "not cosigned: a log that is not watched here"
            case .unsigned: "not cosigned: the log's key did not sign it"
            case .malformed, .cosign: "not cosigned: no such request"
            }
        }
    }
}
