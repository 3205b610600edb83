// SPDX-License-Identifier: Apache-2.0

/// The one table of endpoints, and the matcher over it.
///
/// What is not in the table does not pass: 404 `M_UNRECOGNIZED`. That includes endpoints that exist elsewhere and give
/// more than a federation partner needs (`query_auth`, peeking, event relationships, the application-service proxy).
package enum Endpoints {
    package static let all: [Endpoint] =
        Endpoint.discoverySection + Endpoint.transactionsSection + Endpoint.historySection
        + Endpoint.membershipSection + Endpoint.thirdPartySection + Endpoint.directorySection
        + Endpoint.devicesSection + Endpoint.mediaSection + Endpoint.policyServersSection

    package enum Match: Sendable {
        case endpoint(Endpoint, PathParameters)
        /// The path is known, the verb is not one of its: 405 `M_UNRECOGNIZED`.
        case methodNotAllowed
        /// 404 `M_UNRECOGNIZED`.
        case unknown
    }

    private static let tree = EndpointTree(all)

    /// Finds the endpoint whose template has exactly the segments of `target`.
    ///
    /// Fixed segments are compared with the raw bytes, so `%76ersion` is not `version`; verbs are compared exactly, so HEAD
    /// and `get` are wrong verbs. A parameter is one segment, never empty.
    package static func match(method: Span<UInt8>, target: RequestTarget) -> Match {
        tree.match(method, target)
    }
}

/// Where in the target the parameters of a matched template are.
package struct PathParameters: Hashable, Sendable {
    package enum Name: String, Hashable, Sendable, CaseIterable {
        case eventID = "eventId"
        case fileName
        case keyID = "keyId"
        case mediaID = "mediaId"
        case queryType
        case roomID = "roomId"
        case serverName
        case transactionID = "txnId"
        case userID = "userId"
    }

    private var first: (name: Name, segment: UInt8)?
    private var second: (name: Name, segment: UInt8)?
    private var third: (name: Name, segment: UInt8)?

    init(_ found: [(name: Name, segment: UInt8)]) {
        first = found.first
        second = found.count > 1 ? found[1] : nil
        third = found.count > 2 ? found[2] : nil
    }

    /// The index of the segment that holds a parameter.
    package func segment(of name: Name) -> Int? {
        if let first, first.name == name { return Int(first.segment) }
        if let second, second.name == name { return Int(second.segment) }
        if let third, third.name == name { return Int(third.segment) }
        return nil
    }

    /// The parameter, percent-decoded once.
    package func text(_ name: Name, in target: RequestTarget) -> String? {
        segment(of: name).map(target.decodedSegment)
    }

    package static func == (a: Self, b: Self) -> Bool {
        Name.allCases.allSatisfy { a.segment(of: $0) == b.segment(of: $0) }
    }

    package func hash(into hasher: inout Hasher) {
        for name in Name.allCases { hasher.combine(segment(of: name)) }
    }
}
