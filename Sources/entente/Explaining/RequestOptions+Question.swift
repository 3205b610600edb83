// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine

/// What the options ask, or what is wrong with them.
extension RequestOptions {
    static let nobodyAsks = ValidationError("missing expected argument `--from`, the server that asks")

    /// All but the endpoint, which may be one that no policy is asked about, and the time.
    func question() throws -> PolicyTrialQuestion {
        let state = try supposedState()
        let placeholder = state.flatMap { try? PolicyQuestion.placeholder(for: $0) }
        let named = try from.map { try server($0, "--from") }
        guard let origin = named ?? (direction == .inbound ? placeholder : nil) else {
            throw Self.nobodyAsks
        }
        let destination = try to.map { try server($0, "--to") } ?? (direction == .outbound ? placeholder : nil)
        if direction == .outbound, destination == nil {
            throw ValidationError("an outbound question needs `--to`, the server that is asked")
        }
        var question = PolicyTrialQuestion()
        question.direction = direction
        (question.from, question.to, question.state) = (origin, destination, state)
        question.author = try author.map { try self.author($0) }
        question.eventType = eventType
        question.event = AskedEvent(
            sender: try sender.map { try user($0, "--sender") } ?? author.flatMap { $0.hasPrefix("@") ? $0 : nil },
            target: try target.map { try user($0, "--target") }, isState: stateEvent, messageType: msgtype,
            algorithm: algorithm)
        question.edu = edu.map(EDUKind.named)
        question.room = room
        question.network = network
        return question
    }

    private func user(_ text: String, _ option: String) throws -> String {
        guard (try? UserID(text))?.server != nil else {
            throw ValidationError("\(option) \(quoted(text)) is no user id, as `@user:server`")
        }
        return text
    }

    private func supposedState() throws -> CountryCode? {
        guard let state else { return nil }
        guard let code = CountryCode(state) else {
            let hint = CountryCode.correction(of: state).map { "; write \(quoted($0.code)), \($0.because)" } ?? ""
            throw ValidationError("--state \(quoted(state)) is no country code of ISO 3166-1\(hint)")
        }
        return code
    }

    /// Which endpoint they name; `send` for questions about an event or EDU that name none.
    func endpointAsked() throws -> RequestedEndpoint {
        guard [endpointClass, endpoint, request].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("`--class`, `--endpoint` and `--request` say the same thing; give one of them")
        }
        if let request {
            guard let requested = RequestedEndpoint(requestLine: request) else {
                throw ValidationError("\(quoted(request)) is no method and path, as `GET /_matrix/key/v2/server`")
            }
            return requested
        }
        if let endpoint {
            guard let known = Endpoints.all.first(where: { $0.id == endpoint }) else {
                throw ValidationError(Self.unknown("endpoint", endpoint, Endpoints.all.map(\.id)))
            }
            return RequestedEndpoint(known)
        }
        guard let endpointClass else {
            guard author != nil || edu != nil || eventType != nil || msgtype != nil || algorithm != nil else {
                throw ValidationError("what is asked for? give `--class`, `--endpoint` or `--request`")
            }
            return .endpointClass(.send, endpoint: nil)
        }
        guard let known = EndpointClass(rawValue: endpointClass) else {
            throw ValidationError(Self.unknown("class", endpointClass, EndpointClass.allCases.map(\.rawValue)))
        }
        return .endpointClass(known, endpoint: nil)
    }

    private func server(_ text: String, _ option: String) throws -> ServerName {
        guard let name = try? ServerName(text) else {
            throw ValidationError("\(option) \(quoted(text)) is no server name")
        }
        return name
    }

    private func author(_ text: String) throws -> ServerName {
        guard text.hasPrefix("@") else { return try server(text, "--author") }
        guard let server = (try? UserID(text))?.server else {
            throw ValidationError("--author \(quoted(text)) is no user id")
        }
        return server
    }

    private static func unknown(_ what: String, _ name: String, _ known: [String]) -> String {
        let hint =
            nearestName(to: name, in: known).map { "did you mean \(quoted($0))?" }
            ?? "there are \(quotedList(known, limit: 60, conjunction: "and"))"
        return "there is no \(what) \(quoted(name)); \(hint)"
    }
}

extension Direction: ExpressibleByArgument {}
