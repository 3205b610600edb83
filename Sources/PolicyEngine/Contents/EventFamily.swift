// SPDX-License-Identifier: Apache-2.0

/// Kinds of events that a policy names by one word, whatever prefix their types have.
///
/// What is encrypted shows only `m.room.encrypted`: a family is seen where its events travel in clear.
package enum EventFamily: String, CaseIterable, Hashable, Sendable {
    /// Calls of two and of many, and their ringing.
    case calls
    /// Messages of type `m.location`, and live positions.
    case location
    case polls
    /// `m.reaction`, and whatever relates to an event by `m.annotation`.
    case reactions
    case stickers
    /// Messages that carry a file, picture, sound or film.
    case files
    /// Types outside of `m.` that belong to no other family.
    case custom

    /// Whether some of its types are state.
    var hasState: Bool { self == .calls || self == .location || self == .custom }

    /// The family of a type by its name alone; `nil` for the rest of the specification.
    static func ofType(_ type: String) -> EventFamily? {
        if type.isASCII, let family = byType[type] { return family }
        for (prefix, family) in prefixes where type.utf8.starts(with: prefix.utf8) { return family }
        return type.utf8.starts(with: "m.".utf8) ? nil : .custom
    }

    /// The family that a message's `msgtype` puts it into.
    static func ofMessageType(_ type: String) -> EventFamily? {
        switch type {
        case "m.location": .location
        case "m.file", "m.image", "m.audio", "m.video": .files
        default: nil
        }
    }

    private static let byType: [String: EventFamily] = [
        "m.reaction": .reactions, "m.sticker": .stickers, "m.location": .location, "m.beacon": .location,
        "m.beacon_info": .location, "org.matrix.msc3672.beacon": .location,
        "org.matrix.msc3672.beacon_info": .location, "org.matrix.msc3488.location": .location,
    ]

    private static let prefixes: [(String, EventFamily)] = [
        ("m.call.", .calls), ("m.rtc.", .calls), ("org.matrix.call.", .calls), ("org.matrix.msc3401.call", .calls),
        ("org.matrix.msc4075.", .calls), ("org.matrix.msc4143.rtc.", .calls), ("m.poll.", .polls),
        ("org.matrix.msc3381.", .polls),
    ]
}

extension String {
    /// Only then do equal strings have equal bytes.
    var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
