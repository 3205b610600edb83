// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// A record read back from its JSON, so that it can be written in another form.
///
/// What a form is made of is what the log holds, no more. Bytes that no record of this gateway has, such as a raw control or
/// bidirectional character, are refused here, so that a log that somebody altered does not act on the reader of a copy.
struct RecordFields: Sendable {
    let json: JSONDocument
    let sequence: Int64
    /// `2026-07-01T09:30:00.000001Z`
    let time: String
    /// Since 1970-01-01T00:00:00Z.
    let milliseconds: Int64
    let kind: String
    let node: String

    /// - Parameter record: canonical JSON, as the log holds it.
    init?(_ record: [UInt8]) {
        guard record.count <= RecordEncoder.recordLimit, Self.isHarmless(record),
            let json = try? JSONDocument(
                reading: record, limits: .init(maxBytes: RecordEncoder.recordLimit, maxDepth: 8)),
            let sequence = json.member("seq", of: json.root).flatMap(json.integer), sequence > 0,
            let time = json.member("time", of: json.root).flatMap(json.string),
            let milliseconds = RecordTime.read(time.utf8.span)?.milliseconds,
            let kind = json.member("kind", of: json.root).flatMap(json.string),
            let node = json.member("node", of: json.root).flatMap(json.string)
        else { return nil }
        self.json = json
        self.sequence = sequence
        self.time = time
        self.milliseconds = milliseconds
        self.kind = kind
        self.node = node
    }

    func node(_ key: StaticString, in object: StaticString? = nil) -> JSONDocument.Node? {
        guard let object else { return json.member(key, of: json.root) }
        return json.member(object, of: json.root).flatMap { json.member(key, of: $0) }
    }

    func text(_ key: StaticString, in object: StaticString? = nil) -> String? {
        node(key, in: object).flatMap(json.string)
    }

    func integer(_ key: StaticString, in object: StaticString? = nil) -> Int64? {
        node(key, in: object).flatMap(json.integer)
    }

    /// One sentence, or the word that says most.
    var sentence: String { text("explain") ?? text("reason_code") ?? kind }

    /// A value that is no object, and the keys that lead to it.
    struct Leaf: Sendable {
        /// Joined by dots, `origin.claimed`.
        let path: String
        let value: JSONDocument.Node
    }

    /// In the order of the record; an array is one leaf.
    var leaves: [Leaf] {
        var leaves: [Leaf] = []
        eachLeaf { object, key, value in
            guard let name = json.string(key) else { return }
            leaves.append(Leaf(path: object.flatMap(json.string).map { "\($0).\(name)" } ?? name, value: value))
        }
        return leaves
    }

    /// The same without a text for each: the key of the object that it is in, its own key, its value.
    func eachLeaf(_ body: (JSONDocument.Node?, JSONDocument.Node, JSONDocument.Node) -> Void) {
        for (key, value) in json.members(of: json.root) {
            guard json.kind(value) == .object else {
                body(nil, key, value)
                continue
            }
            // No object of a record holds another one.
            for (inner, value) in json.members(of: value) { body(key, inner, value) }
        }
    }

    /// What a key stands for.
    func name(_ key: JSONDocument.Node) -> ArraySlice<UInt8> {
        json.stringBytes(key) ?? json.decodedBytes(key)?[...] ?? []
    }

    /// A leaf as text without raw control characters: of a text what JSON has between the quotes, of all else its JSON.
    func plain(_ value: JSONDocument.Node) -> ArraySlice<UInt8> {
        // Most texts stand in JSON as they are.
        if let bytes = json.stringBytes(value), bytes.count <= JSONWriter.fieldLimit, JSONWriter.isPlain(bytes.span) {
            return bytes
        }
        guard let text = json.string(value) else { return json.bytes[json.rawRange(value)] }
        var writer = JSONWriter()
        writer.string(text)
        return writer.bytes.dropFirst().dropLast()
    }

    /// Whether nothing in it acts instead of showing: neither a control character nor one that turns the reading direction.
    private static func isHarmless(_ record: [UInt8]) -> Bool {
        if record.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return true }
        guard let text = String(validating: record, as: UTF8.self) else { return false }
        return !text.unicodeScalars.contains { JSONWriter.isDangerous($0.value) }
    }
}
