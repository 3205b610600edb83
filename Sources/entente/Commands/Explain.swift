// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine

/// `entente explain`: what a policy says of a request, and by which of its lines.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what a policy decides about a request, and why.",
        discussion: """
            Decides as the gateway would and prints each step with the place in the policy. Ends with 0 if the request \
            is allowed, 1 if it is refused, 2 if there is no answer. Nothing is sent or recorded.
            """)

    @Option(help: ArgumentHelp("The policy.", valueName: "file"))
    var policy = "policy.yaml"

    @Option(help: ArgumentHelp("The server that asks.", valueName: "server"))
    var from: String

    @Option(help: ArgumentHelp("The server that is asked; without it any server of ours.", valueName: "server"))
    var to: String?

    @Option(name: .customLong("class"), help: ArgumentHelp("The endpoint class, as in `may:`.", valueName: "class"))
    var endpointClass: String?

    @Option(help: ArgumentHelp("The endpoint's id, as in audit records.", valueName: "id"))
    var endpoint: String?

    @Option(help: ArgumentHelp("Method and path, as `PUT /_matrix/federation/v1/send/1`.", valueName: "line"))
    var request: String?

    @Option(help: "Who asks: `inbound`, a remote server ours, or `outbound`, ours a remote one.")
    var direction: Direction = .inbound

    @Option(help: ArgumentHelp("Server or user that an event is by; asks about `send`.", valueName: "server"))
    var author: String?

    @Option(help: ArgumentHelp("The event's type.", valueName: "type"))
    var eventType = "m.room.message"

    @Option(help: ArgumentHelp("A kind of EDU, as `typing` or `m.typing`; asks about `send`.", valueName: "kind"))
    var edu: String?

    @Flag(help: "Answer with one line of JSON.")
    var json = false

    func run() throws {
        let explanation = try explanation()
        if json {
            Terminal.say(explanation.json.line)
        } else {
            for line in explanation.lines { Terminal.say(line) }
        }
        if !explanation.isAllowed { throw Ending.refused }
    }

    private func explanation() throws -> Explanation {
        let origin = try server(from, "--from")
        let destination = try to.map { try server($0, "--to") }
        if direction == .outbound, destination == nil {
            throw ValidationError("an outbound question needs `--to`, the server that is asked")
        }
        let requested = try requested()
        let author = try author.map { try self.author($0) }
        let policy: Policy
        do {
            policy = try PolicyFile.load(self.policy, for: nil, meanwhile: "there is no answer").policy
        } catch {
            throw Ending.cannotRun("\(error)")
        }
        switch requested {
        case .refused(let reason, let what): return Explanation(refused: reason, because: what)
        case .endpointClass(let endpointClass, let endpoint):
            return Explanation(
                policy.explain(
                    PolicyQuestion(
                        direction: direction, origin: origin, destination: destination, endpointClass: endpointClass,
                        endpoint: endpoint, author: author, eventType: eventType, edu: edu.map(EDUKind.named))))
        }
    }

    private func requested() throws -> RequestedEndpoint {
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
            guard author != nil || edu != nil else {
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
