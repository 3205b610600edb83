// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// What left to one server or state and what arrived from it, as far as records tell: sums by path, verdict and rule.
///
/// Records name rooms and events by reference, users and files by pseudonyms: those of a month are other ones in the next.
package struct DisclosureLedger: Sendable {
    package enum Party: Sendable {
        case server(String)
        case state(String)

        package var text: String {
            switch self {
            case .server(let name), .state(let name): name
            }
        }
    }

    /// Requests of one kind that were decided alike.
    package struct Line: Equatable, Sendable {
        package var direction: String?
        package var method: String?
        package var path: String?
        package var endpointClass: String?
        package var decision: String?
        package var reason: String?
        package var rule: String?
        package var requests: Int64
        package var eventsIn: Int64
        package var eventsPassed: Int64
        package var eventsRefused: Int64
        /// Events that went with answers, at every level.
        package var eventsAnswered: Int64 = 0
        /// Event IDs that went with answers.
        package var idsAnswered: Int64 = 0
        /// Of files.
        package var fileBytes: Int64 = 0
        /// Different things that were named: events carried by requests and answers, events asked for, rooms, users asked about
        /// or acted on, files.
        package var named: [NamedThing: Int64] = [:]
        package var rooms: Int64 { named[.room] ?? 0 }
        /// Events that requests carried, refused ones aside, and answers.
        package var events: Int64 { (named[.carried] ?? 0) + (named[.answered] ?? 0) }
        package var first: Int64
        package var last: Int64

        /// Which way content goes: with the request, with the answer to it, or both.
        package var flow: Flow {
            let isOurs = direction == "outbound"
            guard method == "PUT" else { return isOurs ? .arrived : .left }
            // Their answers carry events, too.
            for word in ["/send_join/", "/invite/", "/send_knock/"] where path?.contains(word) == true { return .both }
            return isOurs ? .left : .arrived
        }
    }

    package enum Flow: String, Sendable { case left, arrived, both }

    /// Items that were refused alike.
    package struct Refusal: Equatable, Sendable {
        package var direction: String?
        package var type: String?
        package var author: String?
        package var reason: String?
        package var rule: String?
        package var count: Int64
        package var first: Int64
        package var last: Int64
    }

    package struct Item: Equatable, Sendable {
        package var direction: String?
        package var name: String
        /// Requests that had it.
        package var requests: Int64
        package var count: Int64
    }

    package internal(set) var lines: [Line] = []
    package internal(set) var refusals: [Refusal] = []
    package internal(set) var edus: [Item] = []
    /// Servers whose events came in the party's requests.
    package internal(set) var authors: [Item] = []
    /// Other servers that brought events of the party's; only for a server.
    package internal(set) var relays: [Item] = []
    package internal(set) var rooms: [Item] = []
    /// Items of records that had no room for all of them.
    package internal(set) var omitted: Int64 = 0

    /// Lists of which only the first `limit` items are here.
    package internal(set) var cut: Set<List> = []

    package enum List: String, CaseIterable, Sendable {
        case requests, refusals, edus, authors, rooms, relays
    }

    /// Longer lists are cut here.
    package static let limit = 1000
}
