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

    @OptionGroup var asked: RequestOptions

    @Option(
        help: ArgumentHelp("As if this lockdown were in force; several may be given.", valueName: "name[:state]"))
    var lockdown: [String] = []

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
        if record != nil, matrix || at != nil || asked.isGiven {
            throw ValidationError("`--record` says what is asked; leave out what describes another request")
        }
        if log != nil, record == nil { throw ValidationError("`--log` belongs to `--record`") }
        if matrix, asked.isGiven {
            throw ValidationError("`--matrix` is about every server and class; leave out what describes one request")
        }
        if html || date != nil, !matrix { throw ValidationError("`--html` and `--date` belong to `--matrix`") }
        if html, json { throw ValidationError("`--json` and `--html` are two answers; give one of them") }
    }

    func run() throws {
        if matrix { return try printMatrix() }
        if let record {
            let explanation = try explanation(of: record)
            return try say(explanation.json, explanation.lines, isAllowed: explanation.isAllowed)
        }
        let explanation = try explanation()
        try say(explanation.json, explanation.lines, isAllowed: explanation.isAllowed)
    }

    private func say(_ answer: JSONValue, _ lines: [String], isAllowed: Bool) throws {
        if json {
            Terminal.say(answer.line)
        } else {
            for line in lines { Terminal.say(line) }
        }
        if !isAllowed { throw Ending.refused }
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

    private func explanation(of record: String) throws -> RecordExplanation {
        let found = try FoundRecord(record, in: log)
        return RecordExplanation(found.decision, try loaded(), found.references)
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
        var question = try asked.question()
        question.time = try at.map(AskedTime.read)
        let endpoint = try asked.endpointAsked()
        let policy = try loaded()
        switch endpoint {
        case .refused(let reason, let what): return Explanation(refused: reason, because: what)
        case .endpointClass(let endpointClass, let endpoint):
            (question.endpointClass, question.endpoint) = (endpointClass, endpoint)
            guard let asked = question.question(to: policy) else { throw RequestOptions.nobodyAsks }
            return Explanation(policy.explain(asked))
        }
    }
}
