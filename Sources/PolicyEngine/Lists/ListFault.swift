// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Why a list is not taken. Closed, but for what whoever reads files and verifies certificates adds.
package enum ListFault: Error, Hashable, Sendable {
    case tooLarge(limit: Int)
    /// Not three parts of base64url with dots between them, without padding, and nothing else.
    case notCompact(String)
    /// The header or the payload is no JSON that everybody reads alike.
    case notJSON(part: String, String)
    /// A member that is not known here, or that says where else to look or what to skip.
    case member(part: String, String)
    /// A member is missing or has a wrong value.
    case value(part: String, member: String, wanted: String)
    case algorithm(String)
    case certificates(String)
    case tooManyNames(limit: Int)
    case noNames
    /// - Parameter place: the line of a text list, or the entry of a signed one, from 1.
    case name(String, place: Int, String)
    case repeated(String, first: Int, second: Int)
    case line(Int, String)
    /// Its own times say that it does not count yet.
    case notYetValid
    case belowMinimum(version: Int64, minimum: Int64)
    case outside(what: String, todo: String)

    /// What is wrong, for a message; no line breaks.
    package var what: String {
        switch self {
        case .tooLarge(let limit): "it is larger than \(limit) bytes"
        case .notCompact(let why): "it is no signature in compact form: \(why)"
        case .notJSON(let part, let why): "its \(part) is no strict JSON: \(why)"
        case .member(let part, let name): "its \(part) has a member \(quoted(name)) that is not accepted here"
        case .value(let part, let member, let wanted): "\(quoted(member)) of its \(part) is not \(wanted)"
        case .algorithm(let name): "it is signed with \(quoted(name)), which is not accepted"
        case .certificates(let why): "its certificates cannot be used: \(why)"
        case .tooManyNames(let limit): "it has more than \(limit) names"
        case .noNames: "it names no server"
        case .name(let name, let place, let why): "entry \(place), \(quoted(name)), \(why)"
        case .repeated(let name, let first, let second):
            "\(quoted(name)) stands on line \(first) and again on line \(second)"
        case .line(let line, let why): "line \(line) \(why)"
        case .notYetValid: "it is not valid yet"
        case .belowMinimum(let version, let minimum): "its version \(version) is below `min_version`, \(minimum)"
        case .outside(let what, _): what
        }
    }

    package var todo: String {
        switch self {
        case .outside(_, let todo): todo
        case .repeated: "keep one of the two"
        case .line: "write one server name a line, `#` begins a comment"
        case .name: "have it corrected: a name is lower case and stands as after the colon of a user's id"
        case .noNames: "remove the list from the policy if that is meant"
        case .notYetValid: "check the clock of this machine, or wait"
        case .belowMinimum: "fetch the list again, an old one was put in its place"
        case .algorithm:
            "ask the publisher for one of \(quotedList(JWSAlgorithm.allCases.map(\.rawValue), conjunction: "and"))"
        default: "fetch the list again; if that does not help, ask its publisher"
        }
    }
}
