// SPDX-License-Identifier: Apache-2.0

/// What a reference in a record stands for. The numbers are those of the index.
package enum NamedThing: Int64, CaseIterable, Sendable {
    /// An event that the request carried, and that was not refused by itself.
    case carried = 1
    /// An event that the request named.
    case asked = 2
    /// An event that was refused.
    case refused = 3
    case room = 4
    /// A user who acted or wrote an event.
    case subject = 5
    /// A user who was acted on or asked about.
    case target = 6
    /// A file.
    case media = 7
    /// An event that came with the answer.
    case answered = 8
    /// An event of which the answer named the ID alone.
    case answeredID = 9

    static let events: [NamedThing] = [.carried, .asked, .refused, .answered, .answeredID]
    static let users: [NamedThing] = [.subject, .target]

    /// As answers have it.
    package var word: String {
        switch self {
        case .carried: "event"
        case .asked: "event asked for"
        case .refused: "event refused"
        case .room: "room"
        case .subject: "user acting"
        case .target: "user concerned"
        case .media: "file"
        case .answered: "event in the answer"
        case .answeredID: "event ID in the answer"
        }
    }
}
