// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import PolicyEngine

extension AuditSink.Format: ExpressibleByArgument {}

/// `entente audit copy`: records as a sink gets them.
struct AuditCopy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Print records in the form in which other systems get them.",
        discussion: """
            One line for each record, exactly as a sink with this format has it. For feeding a receiver by hand what it \
            missed, and for trying its mapping. Ends with 1 if something is no record, with 2 if the log cannot be read.
            """)

    @Option(help: "rfc5424, cef, ocsf-1.6, ecs or json.")
    var format: AuditSink.Format

    @Option(help: ArgumentHelp("The log's directory, or a copy of it.", valueName: "dir"))
    var log = "audit"

    @Option(
        help: ArgumentHelp(
            "Instead of a log: records as lines of JSON, 64 MiB at most; `-` reads standard input.", valueName: "file"))
    var records: String?

    @Option(help: ArgumentHelp("The first record, by its `seq`.", valueName: "n"))
    var from: UInt64 = 1

    @Option(help: ArgumentHelp("The last record; without it all that there are.", valueName: "n"))
    var to: UInt64?

    private static let maxBytes = 1 << 26

    func run() throws {
        var faults = 0
        func hand(on record: [UInt8], _ place: String) {
            guard let copy = format.copy(of: record) else {
                Terminal.complain("\(place): this is no record; it is left out; `entente audit verify` says more")
                faults += 1
                return
            }
            Terminal.hand(out: copy + [UInt8(ascii: "\n")])
        }
        if let records {
            do throws(FileBytes.Failure) {
                let bytes = try FileBytes.read(records, limit: Self.maxBytes)
                for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
                    hand(on: Array(line), "\(records):\(index + 1)")
                }
            } catch {
                throw Ending.cannotRun("\(error); nothing was printed; name a file of records")
            }
        } else {
            var reader = LogReader(directory: log, from: from)
            do throws(StoreFailure) {
                while let entry = try reader.next(), entry.sequence <= to ?? .max {
                    hand(on: entry.record, "\(log)/\(entry.file) at byte \(entry.offset)")
                }
            } catch {
                throw Ending.cannotRun(
                    "\(log)/\(error.description); no more is printed; see to the path, or ask `entente audit verify`")
            }
        }
        if faults > 0 { throw Ending.refused }
    }
}
