// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import NIOCore
import Transport

/// What a machine made of a stream: the requests, and how it ended.
private struct Reading: Equatable {
    var requests: [[UInt8]] = []
    var refusal: HTTPRefusal?
}

private func read(_ pieces: [ArraySlice<UInt8>]) -> Reading {
    var machine = HTTPRequestMachine()
    var buffer = ByteBuffer()
    var reading = Reading()
    var current: [UInt8] = []
    for piece in pieces {
        buffer.writeBytes(piece)
        steps: while true {
            switch machine.next(&buffer) {
            case .needMoreBytes: break steps
            case .head(let head):
                check(head.bytes.count <= HTTPHeadLimits.request.headBytes, "a head keeps its limit")
                check(head.fields.count <= HTTPHeadLimits.request.fields, "fields keep their limit")
                check(head.bytes[head.target].first == 0x2F, "a target is in origin form")
                var upstream = ByteBuffer()
                HTTPUpstreamHead.write(head, bodyLength: head.method.mayCarryBody ? 0 : nil, to: &upstream)
                checkPassedOn(head, upstream)
                current = head.bytes
                if let refusal = machine.acceptBody(limit: 1000) { reading.refusal = refusal }
            case .part(let part): current += Array(part.readableBytesView)
            case .end: reading.requests.append(current)
            case .refused(let refusal): reading.refusal = refusal
            }
        }
    }
    return reading
}

/// The head that would be passed on is one that we would take ourselves, with the same meaning.
private func checkPassedOn(_ head: HTTPRequestHead, _ written: ByteBuffer) {
    var machine = HTTPRequestMachine()
    var buffer = written
    // The only way to be refused is to have grown over the limit by the spelling of names.
    guard case .head(let again) = machine.next(&buffer) else {
        check(written.readableBytes > HTTPHeadLimits.request.headBytes, "what is passed on is well formed")
        return
    }
    check(buffer.readableBytes == 0, "a head passed on is one head")
    check(again.bytes[again.target] == head.bytes[head.target], "the target passed on is the one received")
    check(again.bytes[again.host] == head.bytes[head.host], "the host passed on is the one received")
    check(again.authorization.count == head.authorization.count, "every credential is passed on")
}

/// Answers must not trap either, whatever the server sends.
private func readAnswer(_ bytes: [UInt8]) {
    var machine = HTTPResponseMachine()
    machine.expect(bodyLimit: 1000, mayEndWithConnection: true)
    var buffer = ByteBuffer(bytes: bytes)
    var body = 0
    while true {
        switch machine.next(&buffer) {
        case .needMoreBytes, .end, .fault, .unexpectedBytes: return
        case .head(let head): check((200...599).contains(head.status), "a status is one of an answer")
        case .part(let part):
            body += part.readableBytes
            check(body <= 1000, "a body keeps its limit")
        }
    }
}

// The stream is read whole, in two pieces and byte by byte; the last byte says where it is cut.
fuzz { bytes in
    guard let last = bytes.last else { return }
    let stream = bytes[...]
    let whole = read([stream])
    let cut = Int(last) * stream.count / 256
    check(read([stream[..<cut], stream[cut...]]) == whole, "a cut changes nothing")
    if stream.count < 300 {
        check(read(stream.indices.map { stream[$0...$0] }) == whole, "arriving byte by byte changes nothing")
    }
    readAnswer(bytes)
}
