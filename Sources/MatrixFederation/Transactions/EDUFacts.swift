// SPDX-License-Identifier: Apache-2.0

/// What a policy has to know of one ephemeral data unit, and whether it speaks for users that its sender may not speak for.
///
/// EDUs are unsigned: only the transaction's origin vouches for them, so every subject has to be its user.
/// Source: Server-Server API, "EDUs", "Typing Notifications", "Receipts", "Presence", "Send-to-device messaging", "Device Management".
package struct EDUFacts: Sendable {
    package let node: JSONDocument.Node
    package let kind: EDUKind
    package let fault: Fault?

    package enum Fault: Hashable, Sendable {
        /// A member that is missing or of the wrong type.
        case malformed
        /// A subject that is not of the origin: `edu.subject_mismatch`.
        case subject
        /// A to-device recipient that is not ours; the reference fails the whole transaction over one.
        case recipient
        /// Over a limit of the specification.
        case limits
    }

    /// Bytes of an EDU as written; the reference aims at it, the specification has none.
    package static let maxBytes = 65_536

    /// The rooms it speaks of: one for typing, any number for receipts, none for the others.
    package func rooms(in document: JSONDocument) -> [String] {
        guard fault == nil, let content = document.value("content", of: node) else { return [] }
        switch kind {
        case .typing:
            return [document.value("room_id", of: content).flatMap(document.string)].compactMap(\.self)
        case .receipts:
            return document.members(of: content).compactMap { key, value in
                EDUReader.isTracing(key, document) ? nil : document.string(key)
            }
        default:
            return []
        }
    }

    /// `edu_type` as it was sent.
    package func type(in document: JSONDocument) -> String {
        document.value("edu_type", of: node).flatMap(document.string) ?? ""
    }
}
