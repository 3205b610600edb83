// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Which lockdowns are in force on a node, and how many acts it has taken. As a file:
///
///     entente lockdowns 1
///     next 8
///     lockdown sever_state argument RU number 7 since 2026-11-21T03:04:05Z until 2026-11-21T15:04:05Z
///     sha256 HEX
///
/// The last line is over those before: what was damaged is not half believed.
package struct LockdownRegister: Hashable, Sendable {
    package static let maxBytes = 16 << 10
    static let maxEntries = 64

    package struct Entry: Hashable, Sendable {
        package let lockdown: LockdownInForce
        /// Of the act that put it in force.
        package let number: Int64
        package let since: Timestamp
        /// The first instant at which it is over. Whole seconds.
        package let until: Timestamp

        package init(lockdown: LockdownInForce, number: Int64, since: Timestamp, until: Timestamp) {
            self.lockdown = lockdown
            self.number = number
            self.since = since
            self.until = until
        }
    }

    /// The number that the next act must have.
    package private(set) var next: Int64 = 1
    /// Sorted by profile and argument; each pair once.
    package private(set) var entries: [Entry] = []

    package init() {}

    package var lockdowns: [LockdownInForce] { entries.map(\.lockdown) }
    /// When the next of them ends.
    package var nextEnd: Timestamp? { entries.map(\.until).min() }

    package func entry(of lockdown: LockdownInForce) -> Entry? { entries.first { $0.lockdown == lockdown } }

    /// Those that are over at an instant.
    package func ended(at now: Timestamp) -> [Entry] { entries.filter { $0.until <= now } }

    /// With another entry, in the place of that of the same lockdown.
    package func adding(_ entry: Entry) -> LockdownRegister {
        var other = removing([entry.lockdown])
        other.next = max(other.next, entry.number == .max ? .max : entry.number + 1)
        other.entries.append(entry)
        other.entries.sort {
            ($0.lockdown.profile, $0.lockdown.argumentWord) < ($1.lockdown.profile, $1.lockdown.argumentWord)
        }
        return other
    }

    package func removing(_ lockdowns: [LockdownInForce]) -> LockdownRegister {
        var other = self
        other.entries.removeAll { lockdowns.contains($0.lockdown) }
        return other
    }

    // MARK: As a file

    package var bytes: [UInt8] {
        let body = Array(
            ("entente lockdowns 1\nnext \(next)\n"
                + entries.map { entry in
                    "lockdown \(entry.lockdown.profile) argument \(entry.lockdown.argumentWord) number \(entry.number) "
                        + "since \(StrictDate.text(entry.since)) until \(StrictDate.text(entry.until))\n"
                }.joined()).utf8)
        return body + Array("sha256 \(SHA256.hash(body).hex)\n".utf8)
    }

    package init(parsing bytes: [UInt8]) throws(MalformedLines) {
        var lines = try LineReader(bytes, maxBytes: Self.maxBytes)
        try lines.take("entente lockdowns 1") { $0 == ["entente", "lockdowns", "1"] ? true : nil }
        next = try lines.take("next N") { $0.number("next", in: 1...(.max - 1)) }
        while lines.begins(with: "lockdown") {
            entries.append(
                try lines.take("lockdown NAME argument ARGUMENT number N since TIME until TIME", Self.entry))
        }
        try lines.take("sha256 HEX") { $0.value("sha256").flatMap(Digest.init(hex:)) }
        // One spelling, so that order, sum and doubles need no test of their own.
        guard lines.isAtEnd, entries.count <= Self.maxEntries, Set(lockdowns).count == entries.count,
            entries.allSatisfy({ $0.number < next }), self.bytes == bytes
        else { throw MalformedLines(line: 0, what: "it is not what was written there") }
    }

    private static func entry(_ words: [String]) -> Entry? {
        guard words.count == 10, words[2] == "argument", words[4] == "number", words[6] == "since", words[8] == "until",
            let state = [String].argument(words[3]), let number = Int64(words[5]), number >= 1,
            let since = [String].instant(words[7]), let until = [String].instant(words[9])
        else { return nil }
        return Entry(
            lockdown: LockdownInForce(profile: words[1], state: state), number: number, since: since, until: until)
    }
}
