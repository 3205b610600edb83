// SPDX-License-Identifier: Apache-2.0

import MatrixFederation

/// The events of an answer that is read whole: the obvious way, which `AnswerReader` must agree with.
enum WholeAnswer {
    struct Unreadable: Error {}

    static func items(_ text: [UInt8], _ lists: [String: AnswerShape.Content], mayBePaired: Bool) throws -> [NamedItem]
    {
        let document = try JSONDocument(
            reading: text, limits: JSONDocument.Limits(maxBytes: 1 << 26, maxDepth: 80, maxValues: 1 << 24))
        var object = document.root
        if mayBePaired, document.kind(object) == .array {
            let pair = Array(document.elements(of: object))
            guard pair.count == 2, ![.object, .array].contains(document.kind(pair[0])) else { throw Unreadable() }
            try check(pair[0], in: document)
            object = pair[1]
        }
        guard document.kind(object) == .object, document.count(object) <= AnswerReader.maxMembers else {
            throw Unreadable()
        }
        var items: [NamedItem] = []
        for (key, value) in document.members(of: object) {
            guard document.rawRange(key).count <= 1024 else { throw Unreadable() }
            let content = lists[document.string(key) ?? ""]
            let isList = document.kind(value) == .array
            if let content, isList != (content == .events || content == .identifiers) { throw Unreadable() }
            for node in isList ? Array(document.elements(of: value)) : [value] {
                if let item = try item(node, content, in: document) { items.append(item) }
            }
        }
        return items
    }

    @discardableResult
    private static func check(_ node: JSONDocument.Node, in document: JSONDocument) throws -> JSONDocument {
        let raw = Array(document.bytes[document.rawRange(node)])
        return try JSONDocument(reading: raw, limits: JSONDocument.Limits(maxBytes: AnswerReader.maxValueBytes))
    }

    private static func item(
        _ node: JSONDocument.Node, _ content: AnswerShape.Content?, in document: JSONDocument
    ) throws -> NamedItem? {
        let own = try check(node, in: document)
        let isObject = document.kind(node) == .object
        switch content {
        case .identifier, .identifiers:
            guard let id = document.string(node) else { throw Unreadable() }
            return .identifier(EventID.urlSafe(id))
        case .event, .events:
            guard isObject else { throw Unreadable() }
        case nil:
            guard isObject, document.member("sender", of: node) != nil, document.member("hashes", of: node) != nil
            else { return nil }
        }
        // Told as if it were the one event of a transaction.
        let transaction =
            Array(#"{"edus":[],"origin":"a.example","origin_server_ts":1,"pdus":["#.utf8) + own.bytes + Array("]}".utf8)
        let whole = try JSONDocument(reading: transaction)
        let server = try ServerName("a.example")
        let pdu = try Transaction(whole, origin: server, destination: server).pdus[0]
        return .event(pdu.recordedIDs(in: whole, SHA256Hasher()))
    }
}
