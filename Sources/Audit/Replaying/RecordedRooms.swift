// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// Which room a record means, of those that a policy's exceptions name: records hold references.
struct RecordedRooms {
    /// By reference in hexadecimal; `nil`: the log's salt is not there.
    private let byReference: [String: String]?
    private let all: [String]

    /// A room that no exception names.
    private static let other = "!any-other:unlisted.invalid"

    init(_ policy: Policy, _ references: ReferenceKey?) {
        let rooms = policy.roomsOfExceptions.sorted()
        all = rooms
        byReference = references.map { key in
            Dictionary(
                rooms.map { (key.reference(.room, $0).hex, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// What the policy says of the class in the room of a record; `nil`: it depends on what the record does not tell.
    func verdict(
        of peer: Peer, _ endpointClass: EndpointClass, _ direction: Direction, _ policy: Policy,
        in reference: Span<UInt8>
    ) -> Verdict? {
        guard peer.dependsOnRoom, endpointClass.namesRoom else { return policy.decide(peer, endpointClass, direction) }
        if let byReference, !reference.isEmpty {
            var text = [UInt8]()
            for index in reference.indices { text.append(reference[index]) }
            let room = byReference[String(decoding: text, as: UTF8.self)] ?? Self.other
            return policy.decide(peer, endpointClass, direction, room: room)
        }
        let verdict = policy.decide(peer, endpointClass, direction, room: Self.other)
        for room in all
        where policy.decide(peer, endpointClass, direction, room: room).isAllowed != verdict.isAllowed {
            return nil
        }
        return verdict
    }
}
