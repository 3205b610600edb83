// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import AuditIndex

/// `entente audit index`: makes what queries ask.
struct AuditIndexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index", abstract: "Make the index of a log, or continue it.",
        discussion: """
            The index is a SQLite file beside the log, made of it alone: it may be deleted at any time. Records that came \
            since the last time are added; if the log is not the one that was indexed, the index is made anew. Ends with \
            0, or with 2 if something cannot be read or is no record. It proves nothing: that is for `verify`.
            """)

    @OptionGroup var options: IndexOptions

    @Flag(help: "Make it anew.")
    var rebuild = false

    @Flag(help: "Answer as a line of JSON.")
    var json = false

    func run() throws {
        let outcome: IndexBuild.Outcome
        var bar = ProgressBar(total: (try? LogRecords(directory: options.log).length) ?? 0)
        do throws(IndexFailure) {
            outcome = try IndexBuild(log: options.log, path: options.path).run(rebuild: rebuild) {
                bar.advance(to: $0)
            }
            bar.end()
        } catch {
            bar.end()
            throw Ending.cannotRun(
                "\(visible(error.description)); what was indexed before stays; check the log with `entente audit verify`, and rights and space"
            )
        }
        if json {
            Terminal.say(
                JSONValue.object([
                    ("index", .text(options.path)), ("added", .number(Int(outcome.added))),
                    ("last", .number(Int(outcome.last))), ("rebuilt", .optional(outcome.rebuilt)),
                    ("faults", .number(Int(outcome.faultCount))),
                ]).line)
        } else {
            if let why = outcome.rebuilt { Terminal.say("\(options.path): made anew: \(why)") }
            Terminal.say("\(options.path): \(outcome.added) records added, \(outcome.last) in all")
        }
        for fault in outcome.faults { Terminal.complain("\(options.log)/\(fault); it is in no answer") }
        if outcome.faultCount > 0 { throw Ending.cannotRun }
    }
}
