// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import AuditIndex

/// `entente audit ledger`: what left to one server or state, and what arrived from it.
struct AuditLedger: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "What left to a server or a state, and what arrived from it.",
        discussion: """
            Sums by path, verdict and rule, from the index. A request carries content one way and its answer another: a \
            history that they asked for has left. `--events` lists each event, room, user and file by reference, with path, \
            verdict and rule; `entente audit query --event` and its like find an ID. Whether an answer was delivered is in the \
            log's outcomes, not here. Ends with 0, or with 2 if there is no answer.
            """)

    @OptionGroup var options: IndexOptions
    @OptionGroup var period: PeriodOptions

    @Option(help: "The other server.")
    var server: String?

    @Option(help: "Or all servers of a state.")
    var state: String?

    @Flag(help: "List each event, room, user and file that was named, by reference.")
    var events = false
    @Flag(help: "Answer as a line of JSON, with `--events` one for each.")
    var json = false
    @Flag(help: "Answer as CSV, safe to open in a spreadsheet.")
    var csv = false

    @Flag(help: "Answer with a page in one file, to print.")
    var html = false
    @Option(help: ArgumentHelp("The date on the page; today without it.", valueName: "text"))
    var date: String?

    func validate() throws {
        if [json, csv, html].count(where: { $0 }) > 1 {
            throw ValidationError("`--json`, `--csv` and `--html` are answers of their own; give one of them")
        }
        if events, html {
            throw ValidationError("`--events` may be long, and has no page; give `--csv` instead of `--html`")
        }
        if (server == nil) == (state == nil) { throw ValidationError("give one of `--server` and `--state`") }
    }

    func run() throws {
        let party: DisclosureLedger.Party =
            if let server { .server(server) } else { .state((state ?? "").uppercased()) }
        let (from, to) = (try period.first(), try period.last())
        let index = try options.open()
        do throws(IndexFailure) {
            if events { return try list(index, party, from, to) }
            let report = LedgerReport(ledger: try index.ledger(party, from: from, to: to), party: party)
            if json {
                Terminal.say(report.json(index).line)
            } else if csv {
                for line in report.csv { Terminal.say(line) }
            } else if html {
                let page = report.page(
                    period.text, reach: IndexOptions.reach(index), log: options.log, date: date ?? Today.text)
                Terminal.hand(out: Array(page.utf8))
            } else {
                for line in report.lines(period.text) { Terminal.say(line) }
                Terminal.say(IndexOptions.reach(index))
            }
        } catch {
            throw Ending.cannotRun("\(error); there is no answer; make it anew with `entente audit index --rebuild`")
        }
    }

    private func list(
        _ index: LogIndex, _ party: DisclosureLedger.Party, _ from: Int64?, _ to: Int64?
    ) throws(IndexFailure) {
        if csv { Terminal.say(CSV.line(Disclosure.csvHeads)) }
        var found = 0
        try index.disclosures(party, from: from, to: to) { disclosure in
            found += 1
            // Lists may be long: nothing is held back for the sake of columns.
            Terminal.say(csv ? disclosure.csv : json ? disclosure.json : disclosure.text)
        }
        if !csv, !json { Terminal.say("\(found) named; \(IndexOptions.reach(index))") }
    }
}
