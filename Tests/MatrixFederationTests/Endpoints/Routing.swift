// SPDX-License-Identifier: Apache-2.0

import MatrixFederation

/// Short ways for tests to read a target and to route it.
enum Routing {
    static func target(_ text: String) throws(RequestTarget.Fault) -> RequestTarget {
        try RequestTarget(parsing: text.utf8.span)
    }

    static func target(bytes: [UInt8]) throws(RequestTarget.Fault) -> RequestTarget {
        try RequestTarget(parsing: bytes.span)
    }

    static func match(_ method: String, _ text: String) throws(RequestTarget.Fault) -> Endpoints.Match {
        Endpoints.match(method: method.utf8.span, target: try target(text))
    }

    static func endpoint(_ method: String, _ text: String) throws(RequestTarget.Fault) -> String? {
        if case .endpoint(let endpoint, _) = try match(method, text) { endpoint.id } else { nil }
    }

    static func status(_ method: String, _ text: String) -> Int {
        switch try? match(method, text) {
        case .endpoint: 200
        case .methodNotAllowed: 405
        case .unknown: 404
        case nil: 400
        }
    }
}
