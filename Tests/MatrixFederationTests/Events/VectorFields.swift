// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import Testing

/// Reading the members of a vector that have to be there.
extension [String: Any] {
    func text(_ name: String) throws -> String { try #require(self[name] as? String, "\(name)") }

    func object(_ name: String) throws -> [String: Any] { try #require(self[name] as? [String: Any], "\(name)") }

    /// A member as JSON text, laid out so that nothing is right by being copied.
    func json(_ name: String) throws -> String {
        let member = try #require(self[name], "\(name)")
        let data = try JSONSerialization.data(withJSONObject: member, options: [.prettyPrinted])
        return String(decoding: data, as: UTF8.self)
    }

    func roomVersion() throws -> RoomVersion {
        let id = try text("room_version")
        return try #require(RoomVersion(id))
    }
}
