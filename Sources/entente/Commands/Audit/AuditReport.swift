// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import AuditIndex
internal import PolicyEngine

/// `entente audit report`: traffic and refusals by pair of states and month.
struct AuditReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Traffic and refusals by pair of states and month, as CSV or a page.",
        discussion: """
            Reads sums that stand ready in the index. CSV has a line for each month, pair, direction, class, decision and \
            reason; the page has charts, prints on A4, and needs no network. Ends with 0, or with 2 if there is no answer.
            """)

    @OptionGroup var options: IndexOptions

    @Option(help: ArgumentHelp("The first month, as 2026-10.", valueName: "month"))
    var from: String?
    @Option(help: ArgumentHelp("The last month.", valueName: "month"))
    var to: String?

    @Flag(help: "Answer with a page in one file instead of CSV.")
    var html = false

    @Option(help: ArgumentHelp("The date on the page; today without it.", valueName: "text"))
    var date: String?

    func run() throws {
        let (first, last) = (try from.map { try Self.month($0, "--from") }, try to.map { try Self.month($0, "--to") })
        let index = try options.open()
        do throws(IndexFailure) {
            let report = TrafficReport(sums: try index.traffic(from: first, to: last))
            if html {
                let page = report.page(reach: IndexOptions.reach(index), log: options.log, date: date ?? Today.text)
                Terminal.hand(out: Array(page.utf8))
            } else {
                for line in report.csv { Terminal.say(line) }
            }
        } catch {
            throw Ending.cannotRun("\(error); there is no answer; make it anew with `entente audit index --rebuild`")
        }
    }

    private static func month(_ text: String, _ option: String) throws -> Int64 {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 2, let year = Int64(parts[0]),
            let month = Int64(parts[1]), (1...12).contains(month), year > 0
        else { throw ValidationError("\(option) \(quoted(text)) is no month; write it like `2026-10`") }
        return year * 100 + month
    }
}
