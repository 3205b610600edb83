// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import Glibc
internal import PolicyEngine

/// `entente audit open`: what records hold sealed, for an auditor and a case.
struct AuditOpen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Open what records hold sealed, with an auditor's key and for a case.",
        discussion: """
            First the log gets a record `admin.opened` with the case, the records and the auditor's public key: from the \
            running gateway over its control socket, where `--config` names its node, else from this command, which \
            then needs the log's key and that no gateway runs. Where that is not possible nothing is opened. Ends with \
            1 if a record could not be opened, with 2 if nothing was tried.
            """)

    @Option(help: ArgumentHelp("The log's directory; without it that of `--config`, or `audit`.", valueName: "dir"))
    var log: String?

    @Option(help: ArgumentHelp("The node's configuration, whose gateway is asked to record it.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The auditor's key, made by `entente keygen auditor`; given twice for two shares.", valueName: "file"))
    var key: [String]

    @Option(
        help: ArgumentHelp(
            "Read the pass-phrase from a file with mode 0600, instead of asking; in the order of `--key`.",
            valueName: "file"))
    var passphraseFile: [String] = []

    @Option(
        name: .customLong("case"),
        help: ArgumentHelp(
            "The number of the case, for the record: up to 64 letters, digits and `-_./#:`.", valueName: "number"))
    var number: String

    @Flag(help: "Each record as a line of JSON.")
    var json = false

    @Argument(help: ArgumentHelp("Numbers of records, as 4711 or 4713-4720; 10000 at most.", valueName: "seq"))
    var records: [String]

    func validate() throws {
        guard (1...2).contains(key.count) else { throw ValidationError("`--key` is given once or twice") }
        guard passphraseFile.isEmpty || passphraseFile.count == key.count else {
            throw ValidationError("`--passphrase-file` is given once for each `--key`")
        }
        guard CaseNumber.isValid(number) else {
            throw ValidationError("`--case` is 1 to 64 letters, digits and `-_./#:`")
        }
        guard log == nil || config == nil else {
            throw ValidationError("`--config` names the log as well; leave out `--log`")
        }
    }

    func run() throws {
        guard let ranges = RecordRanges(records) else {
            throw Ending.cannotRun(
                "\(visible(records.joined(separator: " "))): no numbers of records; nothing was opened; "
                    + "name up to 64, as `4711` or `4713-4720`, none twice, \(RecordRanges.mostRecords) records in all")
        }
        let keys = try AuditorKeyReading(key)
        let configuration = try config.map { try Self.load($0) }
        let directory = log ?? configuration?.auditDirectory ?? "audit"
        let (found, faults) = try Self.read(ranges, in: directory)
        for fault in faults { Terminal.complain(fault) }
        guard !found.isEmpty else {
            throw Ending.cannotRun(
                "\(directory): in none of these records something is sealed; nothing was opened; "
                    + "the policy's tiers say at which `audit` level something is")
        }
        let auditor = try keys.unlock(passphraseFile)
        let sequence = try OpeningRecord(
            log: directory, configuration, number: number, ranges, keys.recipient
        ).make()
        Terminal.complain("recorded as \(sequence): case \(number), \(keys.recipient.text)")
        try open(found, SealOpener(KeyDirectory.sealed(of: directory), auditor), directory, failed: !faults.isEmpty)
    }

    private func open(
        _ found: [(sequence: UInt64, record: SealedRecord)], _ opener: SealOpener, _ directory: String, failed: Bool
    ) throws {
        var opener = opener
        var hasFailed = failed
        var table = TextTable(["seq", "field", "value"], numbers: [0])
        for (sequence, record) in found {
            guard let field = record.field else { continue }
            do throws(OpeningFault) {
                let opened = OpenedRecord(sequence: sequence, clear: try opener.open(field, time: record.time))
                if json {
                    Terminal.say(opened.json)
                } else {
                    for row in opened.rows { table.add(row) }
                }
            } catch {
                hasFailed = true
                Terminal.complain(
                    "\(directory), record \(sequence): \(visible(error.description)); it stays sealed; \(error.todo)")
            }
        }
        if !json { for line in table.lines { Terminal.say(line) } }
        if hasFailed { throw Ending.refused }
    }

    /// The records in which something is sealed, and what is wrong with others.
    private static func read(
        _ ranges: RecordRanges, in directory: String
    ) throws -> (found: [(sequence: UInt64, record: SealedRecord)], faults: [String]) {
        var found: [(UInt64, SealedRecord)] = []
        var faults: [String] = []
        do throws(StoreFailure) {
            for range in ranges.ranges {
                var reader = LogReader(directory: directory, from: range.lowerBound)
                var next = range.lowerBound
                while next <= range.upperBound, let entry = try reader.next() {
                    next = entry.sequence + 1
                    guard let record = SealedRecord(entry.record) else {
                        faults.append(
                            "\(directory), record \(entry.sequence): this is no record; it is left out; `entente audit verify` says more"
                        )
                        continue
                    }
                    if record.field != nil { found.append((entry.sequence, record)) }
                }
                if next <= range.upperBound {
                    faults.append(
                        "\(directory), record \(next): there is none; it is left out; name numbers of records that are there"
                    )
                }
            }
        } catch {
            throw Ending.cannotRun(
                "\(directory)/\(visible(error.description)); nothing was opened; check the path and `entente audit verify`"
            )
        }
        return (found, faults)
    }

    private static func load(_ file: String) throws -> Configuration {
        do {
            return try Configuration.load(file)
        } catch {
            throw Ending.cannotRun("\(error); nothing was opened; name the node's configuration with `--config`")
        }
    }
}
