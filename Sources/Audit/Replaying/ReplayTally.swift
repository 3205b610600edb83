// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// What came of asking a log's decisions again, counted. Stays small, however long the log and whatever stands in it.
package struct ReplayTally: Sendable {
    package struct Count: Sendable {
        package var requests = 0
        /// Events, EDUs, or requests.
        package var items = 0
    }

    /// Records of any kind that were read and looked at.
    package internal(set) var records = 0
    /// Refusals that aggregated records count, which are not asked again, of any date.
    package internal(set) var aggregated = 0
    /// Decisions among them, and those within the dates.
    package internal(set) var decisions = 0
    /// Decisions that the policy was asked again.
    package internal(set) var asked = 0
    package internal(set) var newlyAllowed = 0
    package internal(set) var newlyRefused = 0
    /// Decisions of which something cannot be told.
    package internal(set) var partlyUnanswered = 0
    package internal(set) var gaps: [ReplayGap: Count] = [:]
    /// What was refused for a reason that no policy changes.
    package internal(set) var kept: [ReasonCode: Int] = [:]
    /// Records that are missing between others, by their numbers. Dates leave none out.
    package internal(set) var missing = 0
    /// The first and last decision within the dates.
    package internal(set) var first: (sequence: Int, time: Timestamp)?
    package internal(set) var last: (sequence: Int, time: Timestamp)?
    /// Changes that no line was left for.
    package internal(set) var changesWithoutLine = 0

    private var places: [Key: Int] = [:]
    private var found: [ReplayChange] = []
    /// The record that was counted last, by line.
    private var lastOf: [Int] = []
    private var texts = ByteTable([""])
    private var deciders: [(raw: Int, count: Int)] = []

    static let lineLimit = 10_000
    static let textLimit = 20_000

    struct Key: Hashable {
        let effect: PolicyDiff.Effect
        let direction: Direction
        let item: ReplayChange.Item
        let state: Int
        let oldTier: Int
        let newTier: Int
        let oldReason: ReasonCode
        let oldRule: Int
        let newReason: ReasonCode
        let newRule: RuleReference?
    }

    /// Newly allowed first, then by how many.
    package var changes: [ReplayChange] {
        found.sorted { a, b in
            if a.effect != b.effect { return a.effect < b.effect }
            if a.items != b.items { return a.items > b.items }
            return (a.examples.first?.sequence ?? 0, a.item.text) < (b.examples.first?.sequence ?? 0, b.item.text)
        }
    }

    /// The policies that decided, as records name them, with how many decisions each; at most a hundred.
    package var policies: [(policy: String, decisions: Int)] {
        deciders.sorted { $0.count > $1.count }.map { (RecordText.decoded(texts[$0.raw]), $0.count) }
    }

    package var isLoosened: Bool { newlyAllowed > 0 }
    package var isTightened: Bool { newlyRefused > 0 }

    /// The number of a text; 0 is the empty one, which stands for none and for one too many.
    mutating func text(_ bytes: Span<UInt8>) -> Int {
        if texts.count < Self.textLimit { return texts.number(of: bytes) }
        return texts.known(bytes) ?? 0
    }

    mutating func add(_ key: Key, items: Int, in record: Int, example: () -> ReplayChange.Example) {
        let place: Int
        if let known = places[key] {
            place = known
        } else {
            guard found.count < Self.lineLimit else {
                changesWithoutLine += 1
                return
            }
            place = found.count
            places[key] = place
            lastOf.append(-1)
            found.append(
                ReplayChange(
                    effect: key.effect, direction: key.direction, item: key.item, state: word(key.state),
                    oldTier: word(key.oldTier), newTier: word(key.newTier), oldReason: key.oldReason,
                    oldRule: word(key.oldRule), newReason: key.newReason, newRule: key.newRule))
        }
        found[place].items += items
        // Several events of one request may fall into one line.
        if lastOf[place] != record {
            lastOf[place] = record
            found[place].requests += 1
        }
        if found[place].examples.count < ReplayChange.exampleLimit { found[place].examples.append(example()) }
    }

    mutating func decided(by policy: Span<UInt8>) {
        let raw = text(policy)
        if let index = deciders.firstIndex(where: { $0.raw == raw }) {
            deciders[index].count += 1
        } else if deciders.count < 100 {
            deciders.append((raw, 1))
        }
    }

    private func word(_ number: Int) -> String? { number == 0 ? nil : RecordText.decoded(texts[number]) }
}

/// Texts of records as they were before they were escaped.
enum RecordText {
    static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
        let quote = UInt8(ascii: "\"")
        guard let document = try? JSONDocument(reading: [quote] + bytes + [quote]) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        return document.string(document.root) ?? String(decoding: bytes, as: UTF8.self)
    }
}
