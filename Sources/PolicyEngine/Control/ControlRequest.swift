// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What the control socket is asked, a line of JSON: `{"do":"status","v":1}`, `{"act":"…","do":"lockdown","v":1}`,
/// `{"do":"resume","sink":"…","v":1}` or `{"case":"…","do":"open","recipient":"age1…","records":"4711 4713-4720","v":1}`.
///
/// A member that the call does not have is refused, not passed over.
package enum ControlRequest: Sendable {
    case status
    /// Which requests the gateway died of.
    case quarantine
    /// - Parameter release: as its file has it.
    case release(QuarantineRelease)
    /// - Parameter act: as its file has it.
    case lockdown(LockdownAct)
    /// Lets records be passed over, of the sink of that name.
    case resume(String)

    /// An auditor is about to open records.
    case open(case: String, RecordRanges, SealRecipient)

    package struct Malformed: Error, Sendable {
        package let what: String
    }

    package static let version: Int64 = 1
    package static let maxBytes = 32 << 10
    private static let limits = JSONDocument.Limits(maxBytes: maxBytes, maxDepth: 2, maxValues: 16)

    package init(reading line: [UInt8]) throws(Malformed) {
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
        case "quarantine":
            self = .quarantine
            try Self.expect(2, document)
        case "lockdown", "release":
            guard let text = document.member("act", of: root).flatMap({ document.string($0) }) else {
                throw Malformed(what: "no `act`")
            }
            try Self.expect(3, document)
            do throws(MalformedLines) {
                let bytes = Array(text.utf8)
                self =
                    call == "lockdown"
                    ? .lockdown(try LockdownAct(parsing: bytes)) : .release(try QuarantineRelease(parsing: bytes))
            } catch {
                throw Malformed(what: "line \(error.line) of the act: \(error.what)")
            }
        case "open":
            func text(_ name: String) -> String {
                document.member(name, of: document.root).flatMap { document.string($0) } ?? ""
            }
            guard CaseNumber.isValid(text("case")) else { throw Malformed(what: "no `case`") }
            guard let ranges = RecordRanges(text("records").split(separator: " ").map(String.init)) else {
                throw Malformed(what: "no `records`")
            }
            guard let recipient = SealRecipient(text("recipient")) else { throw Malformed(what: "no `recipient`") }
            self = .open(case: text("case"), ranges, recipient)
            try Self.expect(5, document)
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
}
