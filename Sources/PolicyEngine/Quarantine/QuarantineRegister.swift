// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Requests during whose reading the gateway died, by hash, and how often. AC-106. Pure. As a file:
///
///     entente quarantine 1
///     build HEX
///     request HEX crashes 2 last 2026-11-21T03:04:05Z
///     sha256 HEX
///
/// Nothing of a request is kept but its hash. Another build of the program begins anew: it may be the one that is repaired.
package struct QuarantineRegister: Hashable, Sendable {
    /// So many deaths with the same request make it one that is refused.
    package static let crashLimit: Int64 = 2
    /// For how long after the last of them.
    package static let term = Duration.seconds(7 * 86_400)
    package static let maxEntries = 256
    package static let maxBytes = 64 << 10

    package struct Entry: Hashable, Sendable {
        package let request: Digest
        package let crashes: Int64
        /// When the gateway started after the last of them. Whole seconds.
        package let last: Timestamp

        /// The first instant at which it is forgotten.
        package var until: Timestamp { last.advanced(bySeconds: QuarantineRegister.term.components.seconds) }

        package var isQuarantined: Bool { crashes >= QuarantineRegister.crashLimit }
    }

    /// SHA-256 of the program that died; `nil`: it could not be read.
    package private(set) var build: Digest?
    /// Sorted by hash.
    package private(set) var entries: [Entry] = []

    package init(build: Digest?) { self.build = build }

    /// What a start makes of it.
    ///
    /// - Parameters:
    ///   - left: what the process before was reading when it died, each once.
    ///   - build: of the program that starts.
    package func started(after left: Set<Digest>, build: Digest?, at now: Timestamp) -> QuarantineRegister {
        var next = QuarantineRegister(build: build)
        // A clock that was wrong must not quarantine for longer.
        if build == self.build { next.entries = entries.filter { now < $0.until && $0.last <= now } }
        for request in left {
            let crashes = next.entries.first { $0.request == request }?.crashes ?? 0
            next.entries.removeAll { $0.request == request }
            next.entries.append(Entry(request: request, crashes: min(crashes, 999) + 1, last: now.wholeSeconds))
        }
        // The oldest make room, those that came once before those that came again.
        next.entries.sort { ($0.crashes, $0.last) > ($1.crashes, $1.last) }
        next.entries.removeLast(max(0, next.entries.count - Self.maxEntries))
        next.sort()
        return next
    }

    package func entry(of request: Digest) -> Entry? { entries.first { $0.request == request } }

    /// Those that are refused at an instant.
    package func quarantined(at now: Timestamp) -> [Entry] { entries.filter { $0.isQuarantined && now < $0.until } }

    package func removing(_ request: Digest) -> QuarantineRegister {
        var other = self
        other.entries.removeAll { $0.request == request }
        return other
    }

    private mutating func sort() { entries.sort { $0.request.hex < $1.request.hex } }

    // MARK: As a file

    package var bytes: [UInt8] {
        let body = Array(
            ("entente quarantine 1\nbuild \(build?.hex ?? "none")\n"
                + entries.map { entry in
                    "request \(entry.request.hex) crashes \(entry.crashes) last \(StrictDate.text(entry.last))\n"
                }.joined()).utf8)
        return body + Array("sha256 \(SHA256.hash(body).hex)\n".utf8)
    }

    package init(parsing bytes: [UInt8]) throws(MalformedLines) {
        var lines = try LineReader(bytes, maxBytes: Self.maxBytes)
        try lines.take("entente quarantine 1") { $0 == ["entente", "quarantine", "1"] ? true : nil }
        build = try lines.take("build HEX") { words -> Digest?? in
            guard let text = words.value("build") else { return nil }
            return text == "none" ? .some(nil) : Digest(hex: text).map { .some($0) }
        }
        while lines.begins(with: "request") {
            guard entries.count < Self.maxEntries else {
                throw MalformedLines(line: 0, what: "it has more than \(Self.maxEntries) requests")
            }
            entries.append(
                try lines.take("request HEX crashes N last TIME") { words -> Entry? in
                    guard words.count == 6, words[2] == "crashes", words[4] == "last",
                        let request = Digest(hex: words[1]), let crashes = Int64(words[3]),
                        (1...1000).contains(crashes),
                        let last = [String].instant(words[5])
                    else { return nil }
                    return Entry(request: request, crashes: crashes, last: last)
                })
        }
        try lines.take("sha256 HEX") { $0.value("sha256").flatMap(Digest.init(hex:)) }
        guard lines.isAtEnd, Set(entries.map(\.request)).count == entries.count, self.bytes == bytes else {
            throw MalformedLines(line: 0, what: "it is not what was written there")
        }
    }
}
