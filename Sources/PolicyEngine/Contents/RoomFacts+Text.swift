// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension RoomFacts {
    /// For people, behind `in a room`.
    var text: String {
        var parts = [
            isEncrypted.map { $0 ? "that is encrypted" : "that is not encrypted" }
                ?? "of which it is not known whether it is encrypted",
            version.map { "of version \($0)" } ?? "of an unknown version",
        ]
        if !otherTiers.isEmpty {
            parts.append("with a server of tier \(quotedList(otherTiers, conjunction: "and"))")
        } else if let otherServers {
            let names = otherServers.map(\.text).sorted()
            parts.append(
                names.isEmpty ? "without other servers" : "with \(quotedList(names, conjunction: "and"))")
        } else {
            parts.append("with servers that are not known")
        }
        return parts.joined(separator: ", ")
    }
}

extension EndpointClass {
    /// On what occasion a request of the class has its room judged; `nil`: it is about no room.
    var roomOccasion: RoomOccasion? {
        switch self {
        case .join, .knock: .join
        case .invite: .invite
        case .send, .leave, .history: .traffic
        default: nil
        }
    }
}
