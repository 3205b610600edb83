// SPDX-License-Identifier: Apache-2.0

/// Reads EDUs and checks whom they speak for (AC-76).
struct EDUReader {
    private let document: JSONDocument
    /// The name of who sent the transaction.
    private let origin: [UInt8]
    /// The name of who receives it.
    private let destination: [UInt8]

    init(_ document: JSONDocument, origin: ServerName, destination: ServerName) {
        self.document = document
        self.origin = [UInt8](origin.text.utf8)
        self.destination = [UInt8](destination.text.utf8)
    }

    func read(_ node: JSONDocument.Node) -> EDUFacts {
        var type: JSONDocument.Node?
        var content: JSONDocument.Node?
        for (key, value) in document.members(of: node) {
            if document.isText(key, "edu_type") {
                type = value
            } else if document.isText(key, "content") {
                content = value
            }
        }
        // The reference answers 500 to the whole transaction when either is missing.
        guard let type, document.kind(type) == .string, let content, document.kind(content) == .object else {
            return EDUFacts(node: node, kind: type.map { EDUKind($0, in: document) } ?? .unknown(""), fault: .malformed)
        }
        let kind = EDUKind(type, in: document)
        return EDUFacts(node: node, kind: kind, fault: fault(kind, content) ?? sizeFault(node, type))
    }

    private func sizeFault(_ node: JSONDocument.Node, _ type: JSONDocument.Node) -> EDUFacts.Fault? {
        if document.stringLength(type) > JSONDocument.maxIdentifierBytes { return .limits }
        guard document.rawRange(node).count > EDUFacts.maxBytes else { return nil }
        return document.canonical(node).count > EDUFacts.maxBytes ? .limits : nil
    }

    private func fault(_ kind: EDUKind, _ content: JSONDocument.Node) -> EDUFacts.Fault? {
        switch kind {
        case .typing:
            guard let room = document.value("room_id", of: content), document.hasSigil(room, UInt8(ascii: "!")) else {
                return .malformed
            }
            return subjectFault(document.value("user_id", of: content))
        case .deviceLists, .signingKeys: return subjectFault(document.value("user_id", of: content))
        case .receipts: return receiptsFault(content)
        case .presence: return presenceFault(content)
        case .toDevice: return toDeviceFault(content)
        case .unknown: return nil
        }
    }

    private func subjectFault(_ user: JSONDocument.Node?) -> EDUFacts.Fault? {
        guard let user, document.kind(user) == .string else { return .malformed }
        return document.isUser(user, of: origin) ? nil : .subject
    }

    /// `{room: {receipt type: {user: {event_ids}}}}`.
    private func receiptsFault(_ content: JSONDocument.Node) -> EDUFacts.Fault? {
        for (room, types) in document.members(of: content) {
            if Self.isTracing(room, document) { continue }
            guard document.hasSigil(room, UInt8(ascii: "!")), document.kind(types) == .object else { return .malformed }
            for (_, users) in document.members(of: types) {
                guard document.kind(users) == .object else { return .malformed }
                for (user, receipt) in document.members(of: users) {
                    guard document.kind(receipt) == .object else { return .malformed }
                    if !document.isUser(user, of: origin) { return .subject }
                }
            }
        }
        return nil
    }

    private func presenceFault(_ content: JSONDocument.Node) -> EDUFacts.Fault? {
        guard let push = document.value("push", of: content), document.kind(push) == .array else { return .malformed }
        for entry in document.elements(of: push) {
            if let fault = subjectFault(document.value("user_id", of: entry)) { return fault }
        }
        return nil
    }

    private func toDeviceFault(_ content: JSONDocument.Node) -> EDUFacts.Fault? {
        if let fault = subjectFault(document.value("sender", of: content)) { return fault }
        guard let type = document.value("type", of: content), document.kind(type) == .string,
            let messages = document.value("messages", of: content), document.kind(messages) == .object
        else { return .malformed }
        for (user, devices) in document.members(of: messages) {
            guard document.kind(devices) == .object else { return .malformed }
            if !document.isUser(user, of: destination) { return .recipient }
        }
        return nil
    }

    /// A member that the reference may put into any content.
    static func isTracing(_ key: JSONDocument.Node, _ document: JSONDocument) -> Bool {
        document.isText(key, "org.matrix.opentracing_context")
    }
}
