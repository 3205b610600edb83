// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension LockdownAct {
    /// - Parameter bytes: the whole file; it has one spelling, anything else is refused.
    package init(parsing bytes: [UInt8]) throws(PolicySignatures.Malformed) {
        var lines = LineReader(try LineReader.words(bytes, maxBytes: Self.maxBytes))
        try lines.take("entente lockdown act 1") { $0 == ["entente", "lockdown", "act", "1"] ? true : nil }
        let node = try lines.take("node NAME") { $0.value("node").flatMap { $0.utf8.count <= 64 ? $0 : nil } }
        let word = try lines.take("do on` or `do off") { words -> String? in
            words.value("do").flatMap { $0 == "on" || $0 == "off" ? $0 : nil }
        }
        let profile = try lines.take("profile NAME") { words -> String? in
            words.value("profile").flatMap { $0.utf8.count <= 64 ? $0 : nil }
        }
        let state = try lines.take("argument STATE` or `argument none") { $0.argument }
        let change: Change
        if word == "on" {
            let number = try lines.take("number N") { $0.number("number", in: 1 ... .max) }
            let seconds = try lines.take("for SECONDS") { $0.number("for", in: 1...Self.longest) }
            change = .on(number: number, seconds: seconds)
        } else {
            change = .off(lifts: try lines.take("lifts N") { $0.number("lifts", in: 1 ... .max) })
        }
        let end = try lines.take("hand-in-before YYYY-MM-DDThh:mm:ssZ") { $0.instant("hand-in-before") }
        self.init(node: node, LockdownInForce(profile: profile, state: state), change, handInBefore: end)
        for entry in try lines.officers() { append(entry) }
    }
}

extension LineReader {
    /// What remains: lines with officers' signatures.
    mutating func officers() throws(PolicySignatures.Malformed) -> [LockdownAct.Entry] {
        var entries: [LockdownAct.Entry] = []
        while !isAtEnd {
            guard entries.count < LockdownAct.maxSignatures else {
                throw PolicySignatures.Malformed(
                    line: 0, what: "it has more than \(LockdownAct.maxSignatures) signatures")
            }
            entries.append(
                try take("officer NAME ed25519 SIGNATURE") { words -> LockdownAct.Entry? in
                    guard words.count == 4, words[0] == "officer", let officer = OfficerName(words[1]),
                        words[2] == "ed25519", let signature = Signature(standardBase64: words[3].utf8.span),
                        signature.base64 == words[3]
                    else { return nil }
                    return LockdownAct.Entry(officer: officer, signature: signature)
                })
        }
        return entries
    }
}

/// Takes the lines of a small file one after the other.
struct LineReader {
    private let lines: [[String]]
    private var next = 0

    init(_ lines: [[String]]) { self.lines = lines }

    var isAtEnd: Bool { next == lines.count }

    /// Whether the next line begins with a word.
    func begins(with word: String) -> Bool { !isAtEnd && lines[next].first == word }

    static func words(_ bytes: [UInt8], maxBytes: Int) throws(PolicySignatures.Malformed) -> [[String]] {
        do throws(TextLines.Fault) {
            return try TextLines(bytes, maxBytes: maxBytes).lines
        } catch {
            throw PolicySignatures.Malformed(line: error.line, what: error.what)
        }
    }

    /// The next line as `read` has it.
    ///
    /// - Parameter form: what it should be, for the message.
    @discardableResult
    mutating func take<Value>(
        _ form: String, _ read: ([String]) -> Value?
    ) throws(PolicySignatures.Malformed) -> Value {
        guard !isAtEnd else { throw PolicySignatures.Malformed(line: next + 1, what: "`\(form)` is missing") }
        guard let value = read(lines[next]) else {
            throw PolicySignatures.Malformed(line: next + 1, what: "no `\(form)`")
        }
        next += 1
        return value
    }
}

extension [String] {
    /// The second of two words.
    func value(_ key: String) -> String? { count == 2 && self[0] == key ? self[1] : nil }

    /// One spelling: no sign, no leading zero.
    func number(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        value(key).flatMap { text in
            Int64(text).flatMap { String($0) == text && range.contains($0) ? $0 : nil }
        }
    }

    func instant(_ key: String) -> Timestamp? { value(key).flatMap(Self.instant) }

    /// With a time, so that nobody reads a day as its beginning.
    static func instant(_ text: String) -> Timestamp? { text.utf8.count == 20 ? StrictDate.end(text) : nil }

    /// `.some(nil)`: none.
    var argument: CountryCode?? { value("argument").flatMap(Self.argument) }

    static func argument(_ text: String) -> CountryCode?? {
        if text == "none" { return .some(nil) }
        return CountryCode(text).map { .some($0) }
    }
}
