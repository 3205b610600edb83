// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads the members of one JSON object of a signed list: each is known and has its type, or the list is refused.
struct JWSFields {
    let json: JSONDocument
    /// How messages call it.
    let part: String

    init(_ json: JSONDocument, part: String) {
        self.json = json
        self.part = part
    }

    /// Refuses what is no object, and every member whose name is not among `names`.
    func allow(_ names: [String]) throws(ListFault) {
        guard json.kind(json.root) == .object else { throw .notJSON(part: part, "it is no object") }
        for (key, _) in json.members(of: json.root) where !names.contains(where: { json.stringEquals(key, $0) }) {
            throw .member(part: part, String((json.string(key) ?? "").prefix(80)))
        }
    }

    func node(_ name: String) -> JSONDocument.Node? { json.member(name, of: json.root) }

    func text(_ name: String) throws(ListFault) -> String? {
        guard let node = node(name) else { return nil }
        guard let text = json.string(node), text.utf8.count <= 1024 else {
            throw .value(part: part, member: name, wanted: "a short text")
        }
        return text
    }

    /// Seconds since 1970, up to the year 9999.
    func seconds(_ name: String) throws(ListFault) -> Timestamp? {
        guard let node = node(name) else { return nil }
        guard let seconds = json.integer(node), (0...253_402_300_799).contains(seconds) else {
            throw .value(part: part, member: name, wanted: "a number of seconds since 1970")
        }
        return Timestamp(milliseconds: seconds * 1000)
    }

    /// An instant in UTC like `2026-11-21T12:00:00Z`.
    func instant(_ name: String) throws(ListFault) -> Timestamp? {
        guard let text = try text(name) else { return nil }
        guard text.utf8.count == 20, let instant = StrictDate.end(text) else {
            throw .value(part: part, member: name, wanted: "an instant like `2026-11-21T12:00:00Z`")
        }
        return instant
    }
}

extension JSONFault {
    /// For messages about lists.
    var plainText: String { "\(kind.rawValue) at byte \(offset)" }
}
