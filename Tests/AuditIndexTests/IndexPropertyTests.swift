// SPDX-License-Identifier: Apache-2.0

import Audit
import AuditIndex
import Testing

@Suite("An index of a random log, against a look at every record")
struct IndexPropertyTests {
    static let seeds = (0..<3).map { UInt64(4_000 + $0) }

    private static func index(_ log: WrittenLog) throws -> LogIndex {
        _ = try IndexBuild(log: log.path, path: log.index).run(rebuild: false) { _ in }
        return try LogIndex(path: log.index)
    }

    private static func found(_ index: LogIndex, _ filter: RecordFilter) throws -> [Int] {
        var numbers: [Int] = []
        try index.find(filter, limit: 10_000) { numbers.append(Int($0.sequence)) }
        return numbers
    }

    /// Newest first; of one time, the higher number first.
    private static func wanted(_ records: [RandomRecord], _ matches: (RandomRecord) -> Bool) -> [Int] {
        records.filter(matches).sorted { ($0.time, $0.sequence) > ($1.time, $1.sequence) }.map(\.sequence)
    }

    @Test("it finds what brute force finds, by each question and by all at once", arguments: seeds)
    func agrees(seed: UInt64) throws {
        let records = RandomRecord.log(700, seed: seed)
        let log = try WrittenLog()
        try log.hold(records.map(\.json))
        let index = try Self.index(log)
        #expect(index.last == 700 && index.faults == 0)
        var dice = Dice(seed &+ 1)
        for _ in 0..<40 {
            var filter = RecordFilter()
            var tests: [(RandomRecord) -> Bool] = []
            func maybe<T>(_ values: [T]) -> T? {
                Int.random(in: 0..<4, using: &dice) == 0 ? values[Int.random(in: 0..<values.count, using: &dice)] : nil
            }
            let servers = RandomRecord.servers + ["nobody.example"]
            if let name = maybe(servers) {
                filter.server = name
                tests.append {
                    $0.asker.map(Self.stored) == Self.stored(name)
                        || $0.inside("destination", "server").map(Self.stored) == Self.stored(name)
                }
            }
            if let name = maybe(RandomRecord.states) {
                filter.state = name
                tests.append { $0.inside("origin", "state") == name || $0.inside("destination", "state") == name }
            }
            if let name = maybe(RandomRecord.states) {
                filter.originState = name
                tests.append { $0.inside("origin", "state") == name }
            }
            if let name = maybe(RandomRecord.states) {
                filter.destinationState = name
                tests.append { $0.inside("destination", "state") == name }
            }
            if let name = maybe(RandomRecord.rules) {
                filter.rule = name
                tests.append { record in
                    record.text("rule_id") == name || record.refusals.contains { $0["rule_id"] == name }
                }
            }
            if let name = maybe(RandomRecord.reasons) {
                filter.reason = name
                tests.append { record in
                    record.text("reason_code") == name || record.refusals.contains { $0["reason"] == name }
                }
            }
            if let name = maybe(RandomRecord.decisions) {
                filter.decision = name
                tests.append { $0.text("decision") == name }
            }
            if let name = maybe(["inbound", "outbound"]) {
                filter.direction = name
                tests.append { $0.text("direction") == name }
            }
            if let name = maybe(RandomRecord.classes) {
                filter.endpointClass = name
                tests.append { $0.text("endpoint_class") == name }
            }
            if let room = maybe(RandomRecord.rooms) {
                filter.room = room
                tests.append { $0.text("room") == room }
            }
            if let event = maybe(RandomRecord.rooms) {
                filter.events = [event, String(repeating: "9", count: 32)]
                tests.append { record in
                    record.list("events").contains(event) || record.list("events_asked").contains(event)
                        || record.refusals.contains { $0["event"] == event }
                }
            }
            if let user = maybe(RandomRecord.rooms) {
                filter.users = [user]
                tests.append { $0.text("subject") == user || $0.list("targets").contains(user) }
            }
            if let file = maybe(RandomRecord.rooms) {
                filter.media = [file]
                tests.append { $0.inside("media", "ref") == file }
            }
            if let time = maybe(records.map(\.time)) {
                filter.from = RecordTime.microseconds(time.utf8.span)
                tests.append { $0.time >= time }
            }
            if let time = maybe(records.map(\.time)) {
                filter.to = RecordTime.microseconds(time.utf8.span)
                tests.append { $0.time <= time }
            }
            let wanted = Self.wanted(records) { record in tests.allSatisfy { $0(record) } }
            #expect(try Self.found(index, filter) == wanted, "seed \(seed), \(filter)")
            #expect(try index.count(filter) == wanted.count, "seed \(seed), \(filter)")
            var first: [Int] = []
            try index.find(filter, limit: 3) { first.append(Int($0.sequence)) }
            #expect(first == Array(wanted.prefix(3)), "seed \(seed), \(filter)")
        }
    }

    private static func line(_ record: RandomRecord) -> String {
        ["direction", "method", "path_template", "endpoint_class", "decision", "reason_code", "rule_id"]
            .map { record.text($0) ?? "-" }.joined(separator: " ")
    }

    /// A zero byte is stored as its sign.
    private static func stored(_ text: String) -> String { text.replacing("\0", with: "\u{2400}") }

    @Test("the sums of months and the ledger's are those of the records", arguments: seeds)
    func sums(seed: UInt64) throws {
        let records = RandomRecord.log(600, seed: seed)
        let log = try WrittenLog()
        try log.hold(records.map(\.json))
        let index = try Self.index(log)
        let decisions = records.filter { $0.text("decision") != nil }
        let traffic = try index.traffic(from: nil, to: nil)
        #expect(traffic.reduce(0) { $0 + $1.requests } == decisions.count)
        for sum in traffic {
            let same = decisions.filter {
                $0.time.hasPrefix("\(sum.month / 100)-\(sum.month % 100)") && $0.text("direction") == sum.direction
                    && $0.inside("origin", "state") == sum.originState
                    && $0.inside("destination", "state") == sum.destinationState
                    && $0.text("endpoint_class") == sum.endpointClass && $0.text("decision") == sum.decision
                    && $0.text("reason_code") == sum.reason
            }
            #expect(Int(sum.requests) == same.count, "seed \(seed)")
            #expect(Int(sum.eventsPassed) == same.reduce(0) { $0 + $1.count("pdus", "forwarded") }, "seed \(seed)")
        }
        let october = try index.traffic(from: 202_610, to: 202_610)
        #expect(october == traffic.filter { $0.month == 202_610 })

        let state = "NO"
        let ledger = try index.ledger(.state(state), from: nil, to: nil)
        let own = decisions.filter {
            $0.inside("origin", "state") == state || $0.inside("destination", "state") == state
        }
        #expect(ledger.lines.reduce(0) { $0 + $1.requests } == own.count, "seed \(seed)")
        #expect(
            ledger.lines.reduce(0) { $0 + Int($1.eventsPassed) } == own.reduce(0) { $0 + $1.count("pdus", "forwarded") }
        )
        #expect(ledger.refusals.reduce(0) { $0 + Int($1.count) } == own.reduce(0) { $0 + $1.refusals.count })
        #expect(
            ledger.edus.filter { $0.name == "other" }.reduce(0) { $0 + $1.count }
                == Int64(own.filter { $0.members["edus"] != nil }.count * 2))
        for (what, name) in [(NamedThing.carried, "events"), (.asked, "events_asked")] {
            #expect(
                ledger.lines.reduce(0) { $0 + Int($1.named[what] ?? 0) }
                    == Set(own.flatMap { record in record.list(name).map { Self.line(record) + $0 } }).count,
                "seed \(seed)")
        }
        var disclosures: [Disclosure] = []
        try index.disclosures(.state(state), from: nil, to: nil) { disclosures.append($0) }
        #expect(
            disclosures.filter { $0.what == .carried }.map { "\($0.record.sequence) \($0.reference)" }
                == own.flatMap { record in Set(record.list("events")).sorted().map { "\(record.sequence) \($0)" } },
            "seed \(seed)")
        #expect(disclosures.filter { $0.what == .media }.count == own.filter { $0.inside("media", "ref") != nil }.count)
        #expect(ledger.rooms.reduce(0) { $0 + Int($1.requests) } == own.filter { $0.text("room") != nil }.count)
    }

    @Test("continuing it from any place gives what making it at once gives", arguments: seeds)
    func continued(seed: UInt64) throws {
        let records = RandomRecord.log(900, seed: seed).map(\.json)
        let (grown, whole) = (try WrittenLog(), try WrittenLog())
        var dice = Dice(seed &+ 2)
        var length = 0
        while length < records.count {
            length = min(records.count, length + Int.random(in: 0...400, using: &dice))
            try grown.hold(Array(records[..<length]))
            let outcome = try IndexBuild(log: grown.path, path: grown.index).run(rebuild: false) { _ in }
            #expect(outcome.rebuilt == nil && outcome.last == length, "seed \(seed)")
        }
        try whole.hold(records)
        let (one, other) = (try Self.index(grown), try Self.index(whole))
        var rows: [[FoundRow]] = []
        for index in [one, other] {
            var found: [FoundRow] = []
            try index.find(RecordFilter(), limit: 2000) { found.append($0) }
            rows.append(found)
        }
        #expect(rows[0] == rows[1] && rows[0].count == 900, "seed \(seed)")
        #expect(try one.traffic(from: nil, to: nil) == other.traffic(from: nil, to: nil), "seed \(seed)")
        for server in RandomRecord.servers {
            let ledgers = try [one, other].map { try $0.ledger(.server(server), from: nil, to: nil) }
            #expect(ledgers[0].lines == ledgers[1].lines && ledgers[0].refusals == ledgers[1].refusals)
            #expect(ledgers[0].authors == ledgers[1].authors && ledgers[0].relays.count == ledgers[1].relays.count)
        }
    }
}
