// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing

@Suite("Room versions")
struct RoomVersionTests {
    @Test("versions are opaque strings; what is not listed is unknown")
    func known() {
        for id in (1...12).map(String.init) + ["org.matrix.msc3757.10", "org.matrix.hydra.11"] {
            #expect(RoomVersion(id)?.id == id)
        }
        for id in ["", "0", "13", "01", "1.0", " 1", "１", "org.matrix.msc3757", "ORG.MATRIX.HYDRA.11"] {
            #expect(RoomVersion(id) == nil)
        }
    }
}

@Suite("Server ACLs: Client-Server API, m.room.server_acl")
struct ServerACLTests {
    static func acl(_ content: String) throws -> ServerACL {
        let document = try JSONDocument(reading: Array(content.utf8))
        return ServerACL(document.root, in: document)
    }

    /// Where the specification and the reference differ, the stricter of both holds.
    @Test("allows what the vectors allow", .enabled(if: Shared.isPresent))
    func vectors() throws {
        let vectors = try Shared.vectors("server_acl")
        #expect(vectors.count == 58)
        var notNames: Set<String> = []
        for vector in vectors {
            let id = try vector.text("id")
            let acl = try Self.acl(try vector.json("content"))
            guard let server = try? ServerName(try vector.text("server_name")) else {
                notNames.insert(id)
                continue
            }
            let bySpec = try #require(vector["spec_allowed"] as? Bool)
            let byReference = try #require(vector["synapse_allowed"] as? Bool)
            #expect(acl.allows(server) == (bySpec && byReference), "\(id)")
        }
        // By the grammar of the specification these are no names, so no such server ever gets this far.
        #expect(
            notNames == [
                "question-24", "no-ip-31", "regex-chars-44", "regex-chars-47", "many-stars-52", "many-stars-53",
            ])
    }

    @Test("a pattern of a thousand stars is answered at once")
    func stars() throws {
        let stars = String(repeating: "*a", count: 1_000)
        let acl = try Self.acl("{\"allow\":[\"\(stars)*\"]}")
        #expect(!acl.allows(try ServerName(String(repeating: "a", count: 60) + ".example")))
        #expect(try Self.acl("{\"allow\":[\"*a*a*\"]}").allows(try ServerName("xaxax.example")))
    }
}
