// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// Stage *prove*: a request whose body is read and whose origin is proved, or that needed no proof.
///
/// Only its initialiser makes one. The document is read from the very bytes that go on.
final class AuthenticatedRequest {
    let admitted: AdmittedRequest
    let body: ByteBuffer
    let document: JSONDocument?
    /// `nil` for anonymous requests.
    let origin: AuthenticatedOrigin?

    /// - Parameter key: what is known now of a key of the origin.
    init(
        _ admitted: AdmittedRequest, _ read: ReadBody, destination: ServerName, requiresDestination: Bool,
        key: (KeyID) -> RequestKey
    ) throws(Refusal) {
        switch admitted.caller {
        case .anonymous:
            origin = nil
        case .peer(_, let credentials):
            let head = admitted.received.head
            do throws(AuthenticatedOrigin.Failure) {
                origin = try AuthenticatedOrigin.verify(
                    method: head.bytes.span.extracting(head.methodRange), uri: head.bytes.span.extracting(head.target),
                    content: read.document,
                    credentials: credentials, ownNames: [destination], isDestinationRequired: requiresDestination,
                    key: key)
            } catch {
                throw Refusal(error.status, "M_UNAUTHORIZED", ReasonCode(error.reason))
            }
        }
        self.admitted = admitted
        body = read.bytes
        document = read.document
    }
}

extension JSONFault {
    /// For the record: where it is, and of a repeated key which one (AC-35).
    fileprivate var explanation: String {
        let place = "\(kind.rawValue) at byte \(offset)"
        return family == .duplicateKey ? "\(place), \(Self.unnamed(pointer))" : place
    }

    /// A pointer without what may name a user, a room or an event: members of queries are users.
    private static func unnamed(_ pointer: String) -> String {
        pointer.split(separator: "/", omittingEmptySubsequences: false).map { token in
            ["@", "!", "$", "#"].contains(token.first) ? "\(token.prefix(1))…" : String(token)
        }.joined(separator: "/")
    }
}

/// A request's body and, where the endpoint takes one, the JSON object in it.
struct ReadBody {
    let bytes: ByteBuffer
    let document: JSONDocument?

    /// Any body that is not read as a JSON object is refused, never taken for no content (AC-34).
    ///
    /// - Parameter hashed: told the hash of the body, before it is read and also where none is; may refuse it.
    init(_ bytes: ByteBuffer, for endpoint: Endpoint, hashed: (Digest?) throws(Refusal) -> Void) throws(Refusal) {
        self.bytes = bytes
        guard endpoint.requestBody != .none else {
            try hashed(nil)
            document = nil
            return
        }
        let text = Array(bytes.readableBytesView)
        try hashed(SHA256.hash(text))
        let document: JSONDocument
        do throws(JSONFault) {
            document = try JSONDocument(reading: text)
        } catch {
            throw Refusal(
                400, error.family == .duplicateKey || error.family == .number ? "M_BAD_JSON" : "M_NOT_JSON",
                ReasonCode(error.family), explain: error.explanation)
        }
        guard document.kind(document.root) == .object else {
            throw Refusal(400, "M_NOT_JSON", .jsonInvalid, explain: "the body is not an object")
        }
        // Numbers that canonical JSON does not have are looked at event by event in transactions (notes section 8).
        guard endpoint.requestBody == .transaction || document.hasOnlyCanonicalNumbers else {
            throw Refusal(400, "M_BAD_JSON", .jsonNumber)
        }
        self.document = document
    }
}
