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
            is allowed, 1 if it is refused, 2 if there is no answer. Nothing is sent or recorded. With `--matrix` it says \
            instead what every state's servers may, and ends with 0.
            """)

    @Option(help: ArgumentHelp("The policy.", valueName: "file"))
    var policy = "policy.yaml"

    @Option(help: ArgumentHelp("The server that asks.", valueName: "server"))
    var from: String?

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

    @Option(help: ArgumentHelp("The event's type; `m.room.message` without it.", valueName: "type"))
    var eventType: String?

    @Option(help: ArgumentHelp("The event's `msgtype`.", valueName: "type"))
    var msgtype: String?

    @Option(help: ArgumentHelp("The event's `algorithm`.", valueName: "name"))
    var algorithm: String?

    @Option(help: ArgumentHelp("The user who sends the event, or on whose behalf is asked.", valueName: "user"))
    var sender: String?

    @Option(help: ArgumentHelp("The user whom a membership or a request is about.", valueName: "user"))
    var target: String?

    @Flag(inversion: .prefixedNo, help: "The event is state, or is none; without it as its type mostly is.")
    var stateEvent: Bool?

    @Option(help: ArgumentHelp("A kind of EDU, as `typing` or `m.typing`; asks about `send`.", valueName: "kind"))
    var edu: String?

    @Option(help: ArgumentHelp("Judge the other server as a new one of this state.", valueName: "code"))
    var state: String?

    @Option(
        help: ArgumentHelp("The network over which it is asked; the other server's own without it.", valueName: "name"))
    var network: String?

    @Option(
        help: ArgumentHelp("As if this lockdown were in force; several may be given.", valueName: "name[:state]"))
    var lockdown: [String] = []

    @Option(help: ArgumentHelp("The room that the request names.", valueName: "id"))
    var room: String?

    @Option(
        help: ArgumentHelp("As of when dates in the policy count, in UTC; none counts without it.", valueName: "date"))
    var at: String?

    @Option(help: ArgumentHelp("Ask a recorded decision again: its number, or `-` for JSON.", valueName: "number"))
    var record: String?

    @Option(help: ArgumentHelp("The log of that record.", valueName: "directory"))
    var log: String?

    @Flag(help: "Say what every state's servers may, class by class.")
    var matrix = false

    @Flag(help: "With `--matrix`: a page in one file, for paper.")
    var html = false

    @Option(help: ArgumentHelp("The date on that page; today without it.", valueName: "text"))
    var date: String?

    @Flag(help: "Answer with one line of JSON.")
    var json = false

    func validate() throws {
        let asked: [Any?] = [
            from, to, endpointClass, endpoint, request, author, edu, state, network, room, eventType, msgtype,
            algorithm, sender, target, stateEvent,
        ]
        if record != nil, matrix || at != nil || asked.contains(where: { $0 != nil }) {
            throw ValidationError("`--record` says what is asked; leave out what describes another request")
        }
        if log != nil, record == nil { throw ValidationError("`--log` belongs to `--record`") }
        if matrix, asked.contains(where: { $0 != nil }) {
            throw ValidationError("`--matrix` is about every server and class; leave out what describes one request")
        }
        if html || date != nil, !matrix { throw ValidationError("`--html` and `--date` belong to `--matrix`") }
        if html, json { throw ValidationError("`--json` and `--html` are two answers; give one of them") }
    }

    func run() throws {
        if matrix { return try printMatrix() }
        if let record { return try explain(record) }
        let explanation = try explanation()
        if json {
            Terminal.say(explanation.json.line)
        } else {
            for line in explanation.lines { Terminal.say(line) }
        }
        if !explanation.isAllowed { throw Ending.refused }
    }

    private func printMatrix() throws {
        let policy = try loaded().lookedAt(try at.map(AskedTime.read))
        let matrix = PolicyMatrix(policy)
        if json {
            Terminal.say(matrix.json(of: policy, date: date ?? Today.text).line)
        } else if html {
            let page = MatrixHTML(matrix: matrix, policy: policy, date: date ?? Today.text)
            Terminal.hand(out: Array(page.text.utf8))
        } else {
            for line in MatrixText(matrix: matrix, policy: policy, isColoured: Paint.isWanted).lines {
                Terminal.say(line)
            }
        }
    }

    private func explain(_ record: String) throws {
        let found = try FoundRecord(record, in: log)
        let explanation = RecordExplanation(found.decision, try loaded(), found.references)
        if json {
            Terminal.say(explanation.json.line)
        } else {
            for line in explanation.lines { Terminal.say(line) }
        }
        if !explanation.isAllowed { throw Ending.refused }
    }

    private func loaded() throws -> Policy {
        let loaded: Policy
        do {
            loaded = try PolicyFile.load(policy, for: nil, meanwhile: "there is no answer").policy
        } catch {
            throw Ending.cannotRun("\(error)")
        }
        return loaded.under(lockdowns: try lockdown.map { try self.lockdown($0, of: loaded) })
    }

    private func lockdown(_ text: String, of policy: Policy) throws -> LockdownInForce {
        do throws(LockdownCheck.Refusal) {
            return try policy.lockdown(text)
        } catch {
            throw Ending.cannotRun("--lockdown \(quoted(text)): \(error.what); there is no answer; \(error.todo)")
        }
    }

    private func explanation() throws -> Explanation {
        let state = try supposedState()
        let placeholder = state.flatMap { try? PolicyQuestion.placeholder(for: $0) }
        let named = try from.map { try server($0, "--from") }
        guard let origin = named ?? (direction == .inbound ? placeholder : nil) else {
            throw ValidationError("missing expected argument `--from`, the server that asks")
        }
        let destination = try to.map { try server($0, "--to") } ?? (direction == .outbound ? placeholder : nil)
        if direction == .outbound, destination == nil {
            throw ValidationError("an outbound question needs `--to`, the server that is asked")
        }
        let requested = try requested()
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
        question.time = try at.map(AskedTime.read)
        let policy = try loaded()
        switch requested {
        case .refused(let reason, let what): return Explanation(refused: reason, because: what)
        case .endpointClass(let endpointClass, let endpoint):
            (question.endpointClass, question.endpoint) = (endpointClass, endpoint)
            guard let asked = question.question(to: policy) else {
                throw ValidationError("missing expected argument `--from`, the server that asks")
            }
            return Explanation(policy.explain(asked))
        }
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
