// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// What the control socket is asked, a line of JSON: `{"do":"status","v":1}` or `{"act":"…","do":"lockdown","v":1}` or
/// `{"do":"resume","sink":"…","v":1}`.
///
/// A member that the call does not have is refused, not passed over.
enum ControlRequest: Sendable {
    case status
    /// - Parameter act: as its file has it.
    case lockdown(LockdownAct)
    /// Lets records be passed over, of the sink of that name.
    case resume(String)

    struct Malformed: Error, Sendable {
        let what: String
    }

    static let version: Int64 = 1
    static let maxBytes = 32 << 10
    private static let limits = JSONDocument.Limits(maxBytes: maxBytes, maxDepth: 2, maxValues: 16)

    init(reading line: [UInt8]) throws(Malformed) {
        let document: JSONDocument
        do throws(JSONFault) {
            document = try JSONDocument(reading: line, limits: Self.limits)
        } catch {
            throw Malformed(what: "no JSON: \(error.family.rawValue) at byte \(error.offset)")
        }
        let root = document.root
        guard document.kind(root) == .object else { throw Malformed(what: "no JSON object") }
        guard document.member("v", of: root).flatMap({ document.integer($0) }) == Self.version else {
            throw Malformed(what: "no `\"v\":1`")
        }
        let call = document.member("do", of: root).flatMap { document.string($0) }
        switch call {
        case "status":
            self = .status
            try Self.expect(2, document)
        case "lockdown":
            guard let text = document.member("act", of: root).flatMap({ document.string($0) }) else {
                throw Malformed(what: "no `act`")
            }
            try Self.expect(3, document)
            do throws(PolicySignatures.Malformed) {
                self = .lockdown(try LockdownAct(parsing: Array(text.utf8)))
            } catch {
                throw Malformed(what: "line \(error.line) of the act: \(error.what)")
            }
        case "resume":
            guard let sink = document.member("sink", of: root).flatMap({ document.string($0) }) else {
                throw Malformed(what: "no `sink`")
            }
            try Self.expect(3, document)
            self = .resume(sink)
        case .some(let other): throw Malformed(what: "there is no call \(quoted(other))")
        case nil: throw Malformed(what: "no `do`")
        }
    }

    private static func expect(_ members: Int, _ document: JSONDocument) throws(Malformed) {
        guard document.count(document.root) == members else {
            throw Malformed(what: "members that the call does not have")
        }
    }

    /// The line to send.
    var line: [UInt8] {
        let members: [(name: String, value: JSONValue)] =
            switch self {
            case .status: [("do", .text("status")), ("v", .number(Int(Self.version)))]
            case .resume(let sink):
                [("do", .text("resume")), ("sink", .text(sink)), ("v", .number(Int(Self.version)))]
            case .lockdown(let act):
                [
                    ("act", .text(String(decoding: act.bytes, as: UTF8.self))), ("do", .text("lockdown")),
                    ("v", .number(Int(Self.version))),
                ]
            }
        return Array(JSONValue.object(members).line.utf8)
    }
}
