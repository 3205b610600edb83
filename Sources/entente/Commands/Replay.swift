// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import Gateway
internal import MatrixFederation
internal import PolicyEngine

/// `entente replay`: what a policy would have decided of what a log records.
struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the decisions of a log again, of another policy.",
        discussion: """
            Prints what would have been decided otherwise, newly allowed first, each with its rules and a few records. Ends \
            with 0 if nothing changes, 1 if some requests would be newly refused and none newly allowed, 3 if some would be \
            newly allowed, 2 if there is no answer or something in the log is no record. Writes nothing.
            """)

    @Option(help: ArgumentHelp("The policy that is asked.", valueName: "file"))
    var policy: String

    @Option(help: ArgumentHelp("The log's directory, or a copy of it.", valueName: "directory"))
    var log: String

    @Option(help: ArgumentHelp("The first day, in UTC, or instant that counts.", valueName: "date"))
    var from: String?

    @Option(help: ArgumentHelp("The last day, in UTC, or the instant up to which decisions count.", valueName: "date"))
    var to: String?

    @Option(
        help: ArgumentHelp(
            "Judge all as of `now` or a date, instead of as of when each was decided.", valueName: "date"))
    var at: String?

    @Flag(help: "Answer with one line of JSON.")
    var json = false

    @Flag(help: "Answer with a page in one file, for paper.")
    var html = false

    @Option(help: ArgumentHelp("The date on the page; today without it.", valueName: "text"))
    var date: String?

    func validate() throws {
        if json, html { throw ValidationError("`--json` and `--html` are two answers; give one of them") }
        if date != nil, !html { throw ValidationError("`--date` is printed on the page of `--html`") }
    }

    func run() throws {
        let since = try from.map { try instant($0, "--from", StrictDate.start) }
        let until = try to.map { try instant($0, "--to", StrictDate.end) }
        let time = try at.map { $0 == "now" ? WallClock.system.now : try instant($0, "--at", StrictDate.start) }
        let policy: Policy
        do {
            policy = try PolicyFile.load(self.policy, for: nil, meanwhile: "there is no answer").policy
        } catch {
            throw Ending.cannotRun("\(error)")
        }
        let salt = try? FileBytes.read(log + "/salt", limit: 64)
        let replay = PolicyReplay(
            of: policy, references: salt.flatMap { $0.count == 32 ? ReferenceKey(salt: $0) : nil }, at: time,
            since: since, until: until)
        let report = ReplayReport(policy: policy, log: log, at: time, reading: try read(replay))
        if json {
            Terminal.say(report.json.line)
        } else if html {
            Terminal.hand(out: Array(ReplayHTML(report: report, date: date ?? Today.text).text.utf8))
        } else {
            for line in report.lines(isColoured: Paint.isWanted) { Terminal.say(line) }
        }
        for complaint in report.complaints { Terminal.complain(complaint) }
        if report.reading.faultCount > 0 { throw Ending.cannotRun }
        if report.tally.isLoosened { throw Ending.loosened }
        if report.tally.isTightened { throw Ending.refused }
    }

    private func read(_ replay: PolicyReplay) throws -> LogReading {
        do throws(StoreFailure) {
            let source = try LogRecords(directory: log)
            var bar = ProgressBar(total: source.length)
            defer { bar.end() }
            return try LogReading(source, replay) { bar.advance(to: $0) }
        } catch {
            throw Ending.cannotRun("\(log): \(error); there is no answer; check the path and the rights of the log")
        }
    }

    private func instant(_ text: String, _ option: String, _ read: (String) -> Timestamp?) throws -> Timestamp {
        guard let instant = read(text) else {
            throw ValidationError(
                "\(option) \(quoted(text)) is no date; write it like `2026-10-01` or `2026-10-01T12:00:00Z`")
        }
        return instant
    }
}
