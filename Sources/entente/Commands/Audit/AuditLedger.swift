// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import AuditIndex

/// `entente audit ledger`: what left to one server or state, and what arrived from it.
struct AuditLedger: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "What left to a server or a state, and what arrived from it.",
        discussion: """
            Sums by path, verdict and rule, from the index. A request carries content one way and its answer another: a \
            history that they asked for has left. Events that passed are counted, not named; rooms and refused events are \
            references. Whether an answer was delivered is in the log's outcomes, not here. Ends with 0, or with 2 if \
            there is no answer.
            """)

    @OptionGroup var options: IndexOptions
    @OptionGroup var period: PeriodOptions

    @Option(help: "The other server.")
    var server: String?

    @Option(help: "Or all servers of a state.")
    var state: String?

    @Flag(help: "Answer as a line of JSON.")
    var json = false

    func validate() throws {
        if (server == nil) == (state == nil) { throw ValidationError("give one of `--server` and `--state`") }
    }

    func run() throws {
        let party: DisclosureLedger.Party =
            if let server { .server(server) } else { .state((state ?? "").uppercased()) }
        let (from, to) = (try period.first(), try period.last())
        let index = try options.open()
        do throws(IndexFailure) {
            let ledger = try index.ledger(party, from: from, to: to)
            if json {
                Terminal.say(LedgerReport(ledger: ledger, party: party).json(index).line)
            } else {
                for line in LedgerReport(ledger: ledger, party: party).lines(period.text) { Terminal.say(line) }
                Terminal.say(IndexOptions.reach(index))
            }
        } catch {
            throw Ending.cannotRun("\(error); there is no answer; make it anew with `entente audit index --rebuild`")
        }
    }
}
