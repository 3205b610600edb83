// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What a request is about, of the things that rules judge apart from each other.
///
/// Concerns are enumerated beside each other, never multiplied: no rule looks at an EDU and an event at once.
package enum PolicyConcern: Hashable, Sendable {
    case endpointClass(EndpointClass)
    /// The same in a room that is known, where exceptions name rooms.
    case inRoom(EndpointClass, room: String)
    /// An event of this type that the other server wrote and delivers. Who delivers adds nothing, so this is the question
    /// about its right to be an author.
    case event(type: String)
    case edu(EDUKind)

    /// Every class, every kind of EDU and one unknown, and each of the event types.
    package static func all(eventTypes: [String]) -> [PolicyConcern] {
        EndpointClass.inTableOrder.map { .endpointClass($0) } + edus.map { .edu($0) }
            + eventTypes.map { .event(type: $0) }
    }

    /// Every class whose requests name a room, in each of these rooms and in one that no exception names.
    static func inRooms(_ rooms: Set<String>) -> [PolicyConcern] {
        guard !rooms.isEmpty else { return [] }
        return EndpointClass.inTableOrder.filter(\.namesRoom).flatMap { endpointClass in
            (rooms.sorted() + [otherRoom]).map { .inRoom(endpointClass, room: $0) }
        }
    }

    private static let otherRoom = "!any-other:unlisted.invalid"

    /// The kinds of EDU that rules can tell apart.
    static let edus: [EDUKind] = EDUType.allCases.map { EDUKind.named($0.rawValue) } + [.unknown("org.example.unknown")]

    /// For people: `invite`, `EDU presence`, `event m.room.message`.
    package var text: String {
        switch self {
        case .endpointClass(let endpointClass): endpointClass.rawValue
        case .inRoom(let endpointClass, Self.otherRoom): "\(endpointClass.rawValue) in rooms that no exception names"
        case .inRoom(let endpointClass, let room): "\(endpointClass.rawValue) in room \(room)"
        case .edu(.unknown): "EDU of unknown types"
        case .edu(let kind): "EDU \(kind.name)"
        case .event(let type): "event \(type)"
        }
    }

    /// The class of the request that carries it.
    package var endpointClass: EndpointClass {
        switch self {
        case .endpointClass(let endpointClass), .inRoom(let endpointClass, _): endpointClass
        case .event, .edu: .send
        }
    }

    /// The question about it.
    ///
    /// - Parameters:
    ///   - supposedState: of a server that is supposed, not listed.
    ///   - author: who wrote the event, if it is about one.
    func question(
        _ peer: ServerName, supposedState: CountryCode?, own: ServerName?, _ direction: Direction,
        author: ServerName?
    ) -> PolicyQuestion {
        var question = PolicyQuestion(direction: direction, own: own, peer: peer, endpointClass: endpointClass)
        question.supposedState = supposedState
        switch self {
        case .endpointClass: break
        case .inRoom(_, let room): question.room = room
        case .edu(let kind): question.edu = kind
        case .event(let type): (question.author, question.eventType) = (author, type)
        }
        return question
    }
}
