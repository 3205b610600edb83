// SPDX-License-Identifier: Apache-2.0

/// Where in the answer of an endpoint events stand, and IDs of events that do not come with it.
///
/// Members that are not listed are read as strictly; of those, what has the form of an event counts as one too.
package struct AnswerShape: Sendable {
    package enum Content: Hashable, Sendable {
        /// A list of events.
        case events
        /// One event.
        case event
        /// A list of event IDs.
        case identifiers
        /// One event ID.
        case identifier
    }

    struct Member: Sendable {
        let name: StaticString
        let content: Content
    }

    let members: [Member]
    /// Whether the object may stand in `[200, {…}]`, as the old forms of the membership endpoints have it.
    let mayBePaired: Bool

    init(_ members: (StaticString, Content)..., mayBePaired: Bool = false) {
        self.members = members.map { Member(name: $0.0, content: $0.1) }
        self.mayBePaired = mayBePaired
    }

    /// What stands under a key, given as the bytes that it stands for; `nil`: nothing that is listed.
    func content(of key: Span<UInt8>) -> Content? {
        members.first { member in
            let name = member.name
            return unsafe name.utf8CodeUnitCount == key.count
                && ByteRuns.equal(
                    key, 0, UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount).span, 0,
                    count: key.count)
        }?.content
    }

    /// All in which nothing is listed: only what has the form of an event is found.
    static let unlisted = AnswerShape()
}
