// SPDX-License-Identifier: Apache-2.0

internal import AuditIndex

/// Sums by month and pair of states, as lines and as a page.
struct TrafficReport {
    let sums: [TrafficSum]

    struct Amount {
        var passed: Int64 = 0
        var refused: Int64 = 0
        var events: Int64 = 0

        var all: Int64 { passed + refused }

        mutating func add(_ sum: TrafficSum) {
            if sum.decision == "allow" || sum.decision == "partial" {
                passed += sum.requests
            } else {
                refused += sum.requests
            }
            events += sum.eventsPassed
        }
    }

    struct Pair: Hashable {
        var origin: String
        var destination: String
    }

    /// The page shows so many pairs; the rest is one line. Strangers cannot add states, but many may be listed.
    static let pairLimit = 60

    var csv: [String] {
        let head = [
            "month", "origin_state", "destination_state", "direction", "endpoint_class", "decision", "reason_code",
            "requests", "events_forwarded", "events_refused",
        ]
        return [CSV.line(head)]
            + sums.map { sum in
                CSV.line([
                    Self.month(sum.month), sum.originState ?? "", sum.destinationState ?? "", sum.direction ?? "",
                    sum.endpointClass ?? "", sum.decision ?? "", sum.reason ?? "", String(sum.requests),
                    String(sum.eventsPassed), String(sum.eventsRefused),
                ])
            }
    }

    static func month(_ month: Int64) -> String {
        let digits = String(month % 100)
        return "\(month / 100)-" + (digits.count < 2 ? "0" : "") + digits
    }

    var months: [Int64] { Set(sums.map(\.month)).sorted() }

    func byMonth(_ pair: Pair?) -> [(name: String, amount: Amount)] {
        var amounts: [Int64: Amount] = [:]
        for sum in sums where pair.map({ $0 == Self.pair(sum) }) ?? true {
            amounts[sum.month, default: Amount()].add(sum)
        }
        return months.map { (Self.month($0), amounts[$0] ?? Amount()) }
    }

    /// The busiest first.
    var pairs: [(pair: Pair, amount: Amount)] {
        var amounts: [Pair: Amount] = [:]
        for sum in sums { amounts[Self.pair(sum), default: Amount()].add(sum) }
        return amounts.map { ($0.key, $0.value) }.sorted {
            ($1.amount.all, $0.pair.origin, $0.pair.destination) < ($0.amount.all, $1.pair.origin, $1.pair.destination)
        }
    }

    /// The most frequent reasons of refusals first.
    var reasons: [(name: String, count: Int64)] {
        var counts: [String: Int64] = [:]
        for sum in sums where sum.decision != "allow" && sum.decision != "partial" {
            counts[sum.reason ?? "–", default: 0] += sum.requests
        }
        return counts.map { ($0.key, $0.value) }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }

    private static func pair(_ sum: TrafficSum) -> Pair {
        Pair(origin: sum.originState ?? "no state", destination: sum.destinationState ?? "no state")
    }
}
