// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import Transport

/// Fetches over the system's TLS, one connection for each question.
package struct TLSFetcher: Fetching {
    private let group: any EventLoopGroup
    private let rules: AddressRules
    private let context: @Sendable (FetchRequest.Trust) -> TLSClientContext

    /// - Parameter context: what connections are made from now; asked for each fetch, so that a reload counts.
    package init(
        group: any EventLoopGroup, rules: AddressRules,
        context: @escaping @Sendable (FetchRequest.Trust) -> TLSClientContext
    ) {
        self.group = group
        self.rules = rules
        self.context = context
    }

    private static let lines: HTTPFieldLines = {
        var lines = HTTPFieldLines()
        lines.append("Accept", "application/json")
        lines.append("User-Agent", "entente")
        return lines
    }()

    package func get(_ request: FetchRequest) async throws(FetchFault) -> FetchAnswer {
        guard let address = try? request.dial.address.socketAddress(port: request.dial.port) else { throw .unreachable }
        let verdict = SocketGuard.Verdict()
        do {
            let answer = try await HTTPFetch.get(
                request.target, host: request.host, at: address, on: group.next(), lines: TLSFetcher.lines,
                bodyLimit: request.maxBodyBytes, timeout: request.timeout,
                prepare: { channel in try prepare(channel, request, verdict) })
            return TLSFetcher.read(answer)
        } catch {
            throw verdict.fault ?? TLSFetcher.fault(error)
        }
    }

    private func prepare(_ channel: any Channel, _ request: FetchRequest, _ verdict: SocketGuard.Verdict) throws {
        let handshake = channel.eventLoop.makePromise(of: TLSConnectionFacts.self)
        handshake.futureResult.whenFailure { error in
            // A failed connection closes TLS without a failure of its own.
            if let failure = error as? TLSFailure, failure != .closed { verdict.note(TLSFetcher.fault(failure)) }
        }
        do {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(
                SocketGuard(dial: request.dial, rules: rules, timeout: request.timeout, verdict: verdict))
            try pipeline.addHandler(
                TLSClientHandler(
                    context(request.trust), peer: TLSPeerName(host: request.certificateName), pins: request.pins,
                    handshake: handshake))
        } catch {
            handshake.fail(error)
            verdict.note(.tls("`\(request.certificateName)` is no name for a certificate"))
            throw error
        }
    }

    private static func read(_ answer: HTTPFetch.Answer) -> FetchAnswer {
        let fields = answer.head.fields.map { field in
            (name: answer.head.text(field.name).lowercased(), value: answer.head.text(field.value))
        }
        return FetchAnswer(status: answer.status, fields: fields, body: answer.body)
    }

    private static func fault(_ failure: TLSFailure) -> FetchFault {
        failure == .certificate(.pinMismatch) ? .pinMismatch : .tls(failure.plainText)
    }

    private static func fault(_ error: any Error) -> FetchFault {
        switch error as? HTTPClientError {
        case .malformed(.bodyTooLarge): .tooLarge
        case .malformed(let fault): .malformed(fault.reason)
        case .timeout: .timeout
        case .tls(let failure): fault(failure)
        case .closedBeforeAnswer, .closedInAnswer: .malformed("closed before the end of the answer")
        case .connect, .cancelled, nil: .unreachable
        }
    }
}
