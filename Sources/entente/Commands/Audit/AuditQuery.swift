// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import AuditIndex
internal import PolicyEngine

/// `entente audit query`: which records, by who, when, why.
struct AuditQuery: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Find records by who, where, when, why and by which rule.",
        discussion: """
            Asks the index that `entente audit index` makes. All that is given must hold; the newest record comes first. \
            Names that prove nothing end in `?`. IDs of rooms and events are found with the log's salt, those of users and files \
            with the keys of the months that still have them. Ends with 0, also if nothing is found, and with 2 if there is no answer.
            """)

    @OptionGroup var options: IndexOptions
    @OptionGroup var period: PeriodOptions

    @Option(help: "A server that asked or was asked.")
    var server: String?
    @Option(help: "The state of who asked or was asked.")
    var state: String?
    @Option(help: "The server that asked.")
    var origin: String?
    @Option(name: .customLong("origin-state"), help: "The state of the server that asked.")
    var originState: String?
    @Option(help: "The server that was asked.")
    var destination: String?
    @Option(name: .customLong("destination-state"), help: "The state of the server that was asked.")
    var destinationState: String?
    @Option(help: "The rule that decided, also one that decided only an event or EDU that was refused.")
    var rule: String?
    @Option(help: "The reason code, also of an event or EDU that was refused.")
    var reason: String?
    @Option(help: "allow, partial, refuse, withheld or absorbed.")
    var decision: String?
    @Option(help: "inbound or outbound.")
    var direction: String?
    @Option(name: .customLong("class"), help: "The class of the endpoint, as in `may:`.")
    var endpointClass: String?
    @Option(help: "A room, by its ID or its reference in the log.")
    var room: String?
    @Option(help: "An event that was carried, asked for or refused, by its ID or its reference.")
    var event: String?
    @Option(help: "A user who acted or was acted on, by ID or pseudonym.")
    var user: String?
    @Option(help: "A file, by `mxc://server/id`, its ID or its pseudonym.")
    var media: String?
    @Option(help: "The network over which it came.")
    var network: String?

    @Option(help: "How many records at most.")
    var limit = 100

    @Flag(help: "Say only how many there are.")
    var count = false
    @Flag(help: "Say where the running log was silent for more than three minutes; it has a sign of life each minute.")
    var silences = false
    @Flag(help: "Answer with a line of JSON for each record.")
    var json = false
    @Flag(help: "Answer as CSV, safe to open in a spreadsheet.")
    var csv = false

    func validate() throws {
        if json, csv { throw ValidationError("`--json` and `--csv` are two answers; give one of them") }
        if count, json || csv { throw ValidationError("`--count` answers with a number") }
        if silences, count || json || csv { throw ValidationError("`--silences` is an answer of its own") }
        guard (1...10_000_000).contains(limit) else { throw ValidationError("`--limit` is from 1 to 10000000") }
        try Self.expect("--decision", decision, ["allow", "partial", "refuse", "withheld", "absorbed"])
        try Self.expect("--direction", direction, ["inbound", "outbound"])
    }

    private static func expect(_ option: String, _ value: String?, _ known: [String]) throws {
        guard let value, !known.contains(value) else { return }
        throw ValidationError("\(option) \(quoted(value)) is none of \(known.joined(separator: ", "))")
    }

    func run() throws {
        var filter = RecordFilter()
        (filter.server, filter.state) = (server, state?.uppercased())
        (filter.origin, filter.originState) = (origin, originState?.uppercased())
        (filter.destination, filter.destinationState) = (destination, destinationState?.uppercased())
        (filter.rule, filter.reason, filter.decision, filter.direction) = (rule, reason, decision, direction)
        (filter.endpointClass, filter.network) = (endpointClass, network)
        let names = AskedNames(log: options.log)
        filter.room = try room.map { try names.room($0) }
        filter.events = try event.map { [try names.event($0)] }
        filter.users = try user.map { try names.users($0) }
        filter.media = try media.map { try names.media($0) }
        (filter.from, filter.to) = (try period.first(), try period.last())
        let index = try options.open()
        do throws(IndexFailure) {
            if silences {
                var found = 0
                try index.silences(from: filter.from, to: filter.to) { silence in
                    found += 1
                    Terminal.say(
                        "\((silence.to - silence.from) / 1_000_000) s between record \(silence.last), "
                            + "\(AuditTime.text(microseconds: silence.from)), and record \(silence.next)")
                }
                Terminal.say("\(found) silence\(found == 1 ? "" : "s") of a running log; \(IndexOptions.reach(index))")
            } else if count {
                Terminal.say(String(try index.count(filter)))
            } else if json {
                try index.find(filter, limit: limit) { Terminal.say($0.json) }
            } else if csv {
                Terminal.say(CSV.line(FoundRow.csvHeads))
                try index.find(filter, limit: limit) { Terminal.say($0.csv) }
            } else {
                try table(index, filter)
            }
        } catch {
            throw Ending.cannotRun("\(error); there is no answer; make it anew with `entente audit index --rebuild`")
        }
    }

    private func table(_ index: LogIndex, _ filter: RecordFilter) throws(IndexFailure) {
        var table = TextTable(FoundRow.heads, numbers: [0])
        var found = 0
        try index.find(filter, limit: limit + 1) { row in
            found += 1
            if found <= limit { table.add(row.cells) }
        }
        if found > 0 { for line in table.lines { Terminal.say(line) } }
        let amount = found > limit ? "the newest \(limit) of more; --limit shows more" : "\(found) found"
        Terminal.say("\(amount); \(IndexOptions.reach(index))")
    }
}
