// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import TestKit
import Testing

@Suite("Queries as the reference homeserver reads them, or refused", .enabled(if: Shared.isPresent))
struct QueryVectorTests {
    /// Queries that the reference reads in one way and the gateway refuses, each with the rule.
    static let stricter: [String: String] = [
        "query-02": "a repeated singleton", "query-07": "a repeated singleton", "query-27": "a repeated singleton",
        "query-09": "an escape in a name", "query-12": "double encoding", "query-13": "an empty pair",
        "query-15": "a fragment", "query-20": "a fragment", "query-16": "a control character",
        "query-17": "a broken escape", "query-25": "not UTF-8",
    ]

    @Test("gives the value that the reference gives, or refuses by a named rule")
    func agrees() throws {
        let vectors = try Shared.vectors("query_strings")
        #expect(vectors.count == 32)
        for vector in vectors {
            let id = try #require(vector["id"] as? String)
            let query = try #require(vector["query"] as? String)
            let parameter = try #require(vector["parameter"] as? String)
            let differs = try #require(vector["differs"] as? Bool)
            guard let target = try? Routing.target("/_matrix/federation/v1/x?" + query) else {
                #expect(differs || Self.stricter[id] != nil, "\(id) \(query) is refused without a rule")
                continue
            }
            #expect(!differs && Self.stricter[id] == nil, "\(id) \(query) should be refused")
            let latin1 = vector["synapse_first"] as? String
            // Bytes are shown as Latin-1 in the vectors.
            let expected = latin1.map { String(decoding: $0.unicodeScalars.map { UInt8($0.value) }, as: UTF8.self) }
            let names: [String: StaticString] = [
                "event_id": "event_id", "room_alias": "room_alias", "user_id": "user_id", "ver": "ver",
                "limit": "limit",
            ]
            #expect(target.queryValue(try #require(names[parameter])) == expected, "\(id)")
        }
    }

    @Test("lets `v` and `ver` repeat, in order")
    func repeats() throws {
        let target = try Routing.target("/x?v=%24a&limit=10&v=%24b&ver=1&ver=12")
        #expect(target.queryValues("v") == ["$a", "$b"])
        #expect(target.queryValues("ver") == ["1", "12"])
        #expect(target.queryValue("limit") == "10")
        #expect(target.queryValue("missing") == nil)
    }

    @Test("takes an empty query and keeps the raw bytes")
    func emptyQuery() throws {
        let target = try Routing.target("/_matrix/federation/v1/version?")
        #expect(String(decoding: target.bytes, as: UTF8.self) == "/_matrix/federation/v1/version?")
        #expect(Routing.status("GET", "/_matrix/federation/v1/version?") == 200)
    }

    @Test("refuses more than 128 pairs")
    func manyPairs() {
        func query(_ count: Int) -> String { (0..<count).map { "v=\($0)" }.joined(separator: "&") }
        #expect(throws: Never.self) { try Routing.target("/x?" + query(128)) }
        #expect(throws: RequestTarget.Fault.self) { try Routing.target("/x?" + query(129)) }
    }
}
