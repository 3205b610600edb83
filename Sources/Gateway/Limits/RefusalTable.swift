// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import PolicyEngine

/// Decides which refusals of whoever has proved nothing get a record each, and counts the others exactly. AC-88. Pure.
///
/// The first ones of a minute, by who it is and why, are recorded one by one; what comes beyond is counted, and `take` gives
/// one sum for each minute and key. Memory is bounded: beyond the keys that there is room for, one key for each reason counts.
struct RefusalTable {
    /// What refusals have in common that are counted together.
    struct Key: Hashable {
        var reason: ReasonCode
        /// The policy that refused them.
        var policy: Digest
        /// A server that the policy names; what others claim is a stranger's text, and could be another one each time.
        var listed: String?
        var source: SourcePrefix?
    }

    struct Sum {
        var record: AggregatedRecord
        /// Whether all named the same server, or none did.
        var isOfOne = true
    }

    private struct Row {
        /// How many were recorded one by one.
        var single = 0
        var sum: Sum?
    }

    /// Of one key, in one minute.
    let singleLimit: Int
    /// Of all keys together, in one minute.
    let singleLimitInAll: Int
    let keyLimit: Int

    /// Nanoseconds.
    static let window: Int64 = 60_000_000_000

    private var rows: [Key: Row] = [:]
    /// When the minute began, with its first refusal; `nil`: there was none yet.
    private var began: Int64?
    private var single = 0
    /// Of minutes that are over.
    private var due: [Key: Sum] = [:]

    init(singleLimit: Int, singleLimitInAll: Int = 6000, keyLimit: Int = 4096) {
        self.singleLimit = singleLimit
        self.singleLimitInAll = singleLimitInAll
        self.keyLimit = keyLimit
    }

    /// - Parameters:
    ///   - moment: when it was refused, and what.
    ///   - now: monotonic, in nanoseconds.
    ///   - first: makes the sum that it begins, of count 0; asked only where one begins.
    /// - Returns: whether it is to be recorded by itself; otherwise it is counted.
    mutating func note(
        _ key: Key, claimed: String?, _ moment: AggregatedRecord.Moment, now: Int64, first: () -> AggregatedRecord
    ) -> Bool {
        if isOver(now) { endMinute(now) }
        var key = key
        if rows[key] == nil, rows.count >= keyLimit { (key.listed, key.source) = (nil, nil) }
        var row = rows[key] ?? Row()
        defer { rows[key] = row }
        if row.single < singleLimit, single < singleLimitInAll {
            row.single += 1
            single += 1
            return true
        }
        var sum = row.sum ?? Sum(record: first())
        if sum.record.count == 0 {
            (sum.record.first, sum.record.claimed) = (moment, claimed)
        } else if sum.record.claimed != claimed {
            sum.isOfOne = false
        }
        if key.source == nil { sum.record.source = nil }
        sum.record.count += 1
        sum.record.last = moment
        row.sum = sum
        return false
    }

    private func isOver(_ now: Int64) -> Bool { began.map { now &- $0 >= Self.window } ?? true }

    private mutating func endMinute(_ now: Int64) {
        for (key, row) in rows { if let sum = row.sum { keep(sum, key) } }
        rows.removeAll(keepingCapacity: rows.count <= 256)
        single = 0
        began = now
    }

    private mutating func keep(_ sum: Sum, _ key: Key) {
        var key = key
        if due[key] == nil, due.count >= keyLimit { (key.listed, key.source) = (nil, nil) }
        guard var older = due[key] else {
            var sum = sum
            if key.source == nil { sum.record.source = nil }
            due[key] = sum
            return
        }
        older.isOfOne = older.isOfOne && sum.isOfOne && older.record.claimed == sum.record.claimed
        older.record.count += sum.record.count
        if sum.record.first.time < older.record.first.time { older.record.first = sum.record.first }
        if sum.record.last.time >= older.record.last.time { older.record.last = sum.record.last }
        if older.record.source != sum.record.source { older.record.source = nil }
        due[key] = older
    }

    /// What was counted in minutes that are over; each sum is given once.
    ///
    /// - Parameter all: of this minute, too, which begins anew.
    mutating func take(all: Bool, now: Int64) -> [(key: Key, sum: Sum)] {
        if all || isOver(now) { endMinute(now) }
        defer { due.removeAll() }
        return due.map { (key: $0.key, sum: $0.value) }
            .sorted {
                ($0.sum.record.first.time, $0.key.reason.rawValue) < ($1.sum.record.first.time, $1.key.reason.rawValue)
            }
    }

    /// Keeps what could not be recorded, for the next time.
    mutating func putBack(_ key: Key, _ sum: Sum) { keep(sum, key) }
}

/// The range of addresses that a connection came from: of IPv4 a /24, of IPv6 a /48. What one site has, and no person's own.
struct SourcePrefix: Hashable {
    private let width: Int
    private let bits: UInt128

    init(_ address: AddressBits) {
        width = address.width
        bits = address.width == 32 ? (address.bits >> 8) << 8 : (address.bits >> 80) << 80
    }

    var text: String {
        guard width == 128 else {
            return (0..<4).map { String(bits >> UInt128(24 - 8 * $0) & 255) }.joined(separator: ".") + "/24"
        }
        return (0..<3).map { String(bits >> UInt128(112 - 16 * $0) & 0xFFFF, radix: 16) }.joined(separator: ":")
            + "::/48"
    }
}
