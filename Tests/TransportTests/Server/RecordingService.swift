// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import Transport

/// A service that answers with what the closure says and remembers what it saw.
final class RecordingService: HTTPService {
    var heads: [HTTPRequestHead] = []
    var bodies: [[UInt8]] = []
    var refusals: [HTTPRefusal] = []
    var closed = 0
    var exchanges: [HTTPExchange] = []
    var plan = BodyPlan.collect(limit: 1_048_576)
    /// Called for each head, before its plan is given back.
    var onHead: ((HTTPRequestHead, HTTPExchange) -> Void)?
    /// Called for each whole body; by default the body is echoed.
    var onBody: (([UInt8], HTTPExchange) -> Void)?
    var refusalAnswer = RefusalAnswer.byConnection

    func head(_ head: HTTPRequestHead, _ exchange: HTTPExchange) -> BodyPlan {
        heads.append(head)
        exchanges.append(exchange)
        onHead?(head, exchange)
        return plan
    }

    func body(_ body: ByteBuffer, _ exchange: HTTPExchange) {
        bodies.append(Array(body.readableBytesView))
        if let onBody {
            onBody(Array(body.readableBytesView), exchange)
        } else {
            exchange.respond(200, .json, body)
        }
    }

    func refused(_ refusal: HTTPRefusal, _ exchange: HTTPExchange) -> RefusalAnswer {
        refusals.append(refusal)
        exchanges.append(exchange)
        return refusalAnswer
    }

    func closed(_ exchange: HTTPExchange) { closed += 1 }

    /// How many requests got as far as a service that would forward them.
    var reached: Int { bodies.count }
}
