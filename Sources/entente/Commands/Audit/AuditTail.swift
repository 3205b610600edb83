// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import AuditIndex
internal import Glibc

/// `entente audit tail`: the newest records, and those that come.
struct AuditTail: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Show the newest records, and with -f those that come.",
        discussion: """
            Reads the log itself, without the index. Shows what is written; whether it was signed is for `verify`. Ends \
            with 2 if the log cannot be read.
            """)

    @Option(help: ArgumentHelp("The log's directory, or a copy of it.", valueName: "dir"))
    var log = "audit"

    @Option(name: [.customShort("n"), .customLong("lines")], help: "How many of the newest, 0 to 10000.")
    var lines = 10

    @Flag(name: [.customShort("f"), .customLong("follow")], help: "Wait for more, until interrupted.")
    var follow = false

    @Flag(help: "Each record as the log has it.")
    var json = false

    func validate() throws {
        guard (0...10_000).contains(lines) else { throw ValidationError("`--lines` is from 0 to 10000") }
    }

    func run() throws {
        do throws(StoreFailure) {
            // Records that no checkpoint counts yet come behind it.
            let counted = try LogRecords(directory: log).length
            var reader = LogReader(directory: log, from: UInt64(max(counted - lines, 0)) + 1)
            var newest: [LogReader.Entry] = []
            while let entry = try reader.next() {
                newest.append(entry)
                if newest.count >= 2 * max(lines, 1) { newest.removeFirst(newest.count - lines) }
            }
            for entry in newest.suffix(lines) { say(entry) }
            while follow {
                while let entry = try reader.next() { say(entry) }
                usleep(200_000)
            }
        } catch {
            throw Ending.cannotRun(
                "\(log)/\(visible(error.description)); nothing more is shown; check the path and `entente audit verify`"
            )
        }
    }

    private func say(_ entry: LogReader.Entry) {
        if json {
            Terminal.say(TailLine.safe(String(decoding: entry.record, as: UTF8.self)))
        } else {
            Terminal.say(TailLine.text(entry.record, entry.sequence))
        }
    }
}
