// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// `entente probe http`: the readers of HTTP streams, with no connection around them.
enum HTTPProbe {
    /// What one stream may have; several requests of the largest body fit.
    static let maxBytes = 64 << 20

    /// Reads a stream of requests as a listener would, with the largest body that any endpoint takes.
    static func requests(_ bytes: [UInt8]) -> ProbeAnswer {
        var stream = ByteBuffer(bytes: bytes)
        var machine = HTTPRequestMachine()
        var answer = ProbeAnswer()
        var seen: [JSONValue] = []
        var bodyBytes = 0
        var isOver = false
        reading: while !isOver {
            let offset = bytes.count - stream.readableBytes
            switch machine.next(&stream) {
            case .needMoreBytes: isOver = true
            case .head(let head):
                let (line, member) = describe(head, at: offset)
                answer.lines.append(line)
                seen.append(member)
                bodyBytes = 0
                if let refusal = machine.acceptBody(limit: Endpoint.largeBody) {
                    answer.fault = fault(refusal)
                    break reading
                }
            case .part(let part): bodyBytes += part.readableBytes
            case .end:
                if bodyBytes > 0 { answer.lines.append("  body of \(bodyBytes) bytes") }
                guard stream.readableBytes == 0 else { continue }
                isOver = true
            case .refused(let refusal):
                answer.fault = fault(refusal)
                break reading
            }
        }
        answer.members.append(("requests", .list(seen)))
        if answer.fault == nil { answer.fault = incomplete(machine.isBetweenRequests, seen.isEmpty, "request") }
        return answer
    }

    /// Reads a stream of answers as the gateway reads those of a homeserver or of another server.
    static func responses(_ bytes: [UInt8]) -> ProbeAnswer {
        var stream = ByteBuffer(bytes: bytes)
        var machine = HTTPResponseMachine()
        var answer = ProbeAnswer()
        var seen: [JSONValue] = []
        var isBetween = true
        reading: while true {
            if isBetween {
                guard stream.readableBytes > 0 else { break }
                machine.expect(bodyLimit: maxBytes, mayEndWithConnection: true)
                isBetween = false
            }
            switch machine.next(&stream) {
            case .needMoreBytes:
                isBetween = machine.connectionEnded()
                break reading
            case .head(let head):
                answer.lines.append("\(head.status), \(text(head.body))")
                seen.append(.object([("status", .number(head.status)), ("framing", .text(text(head.body)))]))
            case .part: continue
            case .end: isBetween = true
            case .fault(let fault):
                answer.fault = .init(reason: "upstream.response", text: fault.reason)
                break reading
            case .unexpectedBytes:
                answer.fault = .init(reason: "upstream.response", text: "bytes that answer nothing")
                break reading
            }
        }
        answer.members.append(("responses", .list(seen)))
        if answer.fault == nil { answer.fault = incomplete(isBetween, seen.isEmpty, "answer") }
        return answer
    }

    private static func incomplete(_ isBetween: Bool, _ isEmpty: Bool, _ what: String) -> ProbeAnswer.Fault? {
        guard !isBetween || isEmpty else { return nil }
        return .init(reason: "http.incomplete", text: isBetween ? "no \(what)" : "the stream ends inside the \(what)")
    }

    private static func fault(_ refusal: HTTPRefusal) -> ProbeAnswer.Fault {
        .init(
            reason: "http.\(refusal.family.rawValue)", text: "\(refusal.reason) (\(refusal.status) \(refusal.errcode))",
            members: [("status", .number(refusal.status)), ("errcode", .text("\(refusal.errcode)"))])
    }

    private static func describe(_ head: HTTPRequestHead, at offset: Int) -> (String, JSONValue) {
        let target = head.text(head.target)
        let meaning = meaning(head)
        let line =
            "\(head.method.text) \(target), host \(head.text(head.host)), \(text(head.body)), \(meaning) (byte \(offset))"
        return (
            line,
            .object([
                ("offset", .number(offset)), ("method", .text("\(head.method.text)")), ("target", .text(target)),
                ("host", .text(head.text(head.host))), ("framing", .text(text(head.body))),
                ("keep_alive", .truth(head.isKeepAlive)), ("means", .text(meaning)),
            ])
        )
    }

    /// Which endpoint the gateway would take the request for. Not part of reading HTTP, so no reason to refuse here.
    private static func meaning(_ head: HTTPRequestHead) -> String {
        let target: RequestTarget
        do throws(RequestTarget.Fault) {
            target = try RequestTarget(parsing: head.bytes.span.extracting(head.target))
        } catch {
            return "target refused later: \(RequestedEndpoint.reason(error).rawValue)"
        }
        return switch Endpoints.match(method: head.bytes.span.extracting(head.methodRange), target: target) {
        case .unknown: "no endpoint"
        case .methodNotAllowed: "wrong method for the endpoint"
        case .endpoint(let endpoint, _): "endpoint \(endpoint.id)"
        }
    }

    private static func text(_ framing: HTTPBodyFraming) -> String {
        switch framing {
        case .none: "no body"
        case .length(let length): "length \(length)"
        case .chunked: "chunked"
        case .untilClose: "until the connection ends"
        }
    }
}
