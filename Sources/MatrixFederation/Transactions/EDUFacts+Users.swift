// SPDX-License-Identifier: Apache-2.0

extension EDUFacts {
    /// The users whom it is by, then those whom it is for, with repetitions. None of an EDU with a fault or of a type that is
    /// not known: where its users would be, nobody has looked.
    ///
    /// - Parameter limit: how many at most.
    package func users(in document: JSONDocument, limit: Int) -> [String] {
        guard fault == nil, let content = document.value("content", of: node) else { return [] }
        var users: [String] = []
        func add(_ node: JSONDocument.Node?) {
            if users.count < limit, let user = node.flatMap(document.string) { users.append(user) }
        }
        switch kind {
        case .typing, .deviceLists, .signingKeys: add(document.value("user_id", of: content))
        case .presence:
            guard let push = document.value("push", of: content) else { break }
            for entry in document.elements(of: push).prefix(limit) { add(document.value("user_id", of: entry)) }
        case .receipts:
            for (room, types) in document.members(of: content) where !EDUReader.isTracing(room, document) {
                for (_, readers) in document.members(of: types) {
                    for (user, _) in document.members(of: readers).prefix(limit) { add(user) }
                    if users.count >= limit { return users }
                }
            }
        case .toDevice:
            add(document.value("sender", of: content))
            guard let messages = document.value("messages", of: content) else { break }
            for (user, _) in document.members(of: messages).prefix(limit) { add(user) }
        case .unknown: break
        }
        return users
    }
}
