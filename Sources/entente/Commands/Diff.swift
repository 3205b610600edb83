// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import PolicyEngine

/// `entente diff`: what a new policy decides otherwise.
struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what another policy decides otherwise.",
        discussion: """
            Asks both policies everything that one of them can tell apart and prints what changed sides, newly allowed \
            first, each with its rule and an example. Ends with 0 if no request is decided otherwise, 1 if some are newly \
            refused and none newly allowed, 3 if something is loosened, 2 if there is no answer.
            """)

    @Argument(help: ArgumentHelp("The policy that is in force.", valueName: "old"))
    var old: String

    @Argument(help: ArgumentHelp("The policy that would follow.", valueName: "new"))
    var new: String

    @Flag(help: "Answer with one line of JSON.")
    var json = false

    @Flag(help: "Answer with a page in one file, for paper.")
    var html = false

    @Option(help: ArgumentHelp("The date on the page; today without it.", valueName: "text"))
    var date: String?

    @Option(
        help: ArgumentHelp(
            "As of when dates in both policies count, in UTC; none counts without it.", valueName: "date"))
    var at: String?

    func validate() throws {
        if json, html { throw ValidationError("`--json` and `--html` are two answers; give one of them") }
        if date != nil, !html { throw ValidationError("`--date` is printed on the page of `--html`") }
    }

    func run() throws {
        let comparison = try comparison()
        if json {
            Terminal.say(comparison.json.line)
        } else if html {
            Terminal.hand(out: Array(ComparisonHTML(comparison: comparison, date: date ?? Today.text).text.utf8))
        } else {
            for line in comparison.lines(isColoured: Paint.isWanted) { Terminal.say(line) }
        }
        if comparison.diff.isLoosened { throw Ending.loosened }
        if comparison.diff.isTightened { throw Ending.refused }
    }

    private func comparison() throws -> PolicyComparison {
        do {
            let time = try at.map(AskedTime.read)
            let before = try PolicyFile.load(old, for: nil, meanwhile: "there is no answer").policy.lookedAt(time)
            let after = try PolicyFile.load(new, for: nil, meanwhile: "there is no answer").policy.lookedAt(time)
            return PolicyComparison(
                old: before, new: after, diff: try PolicyDiff(from: before, to: after), oldFile: old, newFile: new)
        } catch let error as PolicyDiff.TooManyCells {
            throw Ending.cannotRun(
                "\(new): the two policies tell \(error.count) cases apart; there is no answer; "
                    + "compare policies with fewer tiers or own servers that are judged apart")
        } catch let error as ValidationError {
            throw error
        } catch {
            throw Ending.cannotRun("\(error)")
        }
    }
}
