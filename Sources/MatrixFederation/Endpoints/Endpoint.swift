// SPDX-License-Identifier: Apache-2.0

/// One endpoint of the Server-Server API: how it is recognised and what may pass through it.
///
/// An immutable class: the table makes each once, and requests hold it for the price of a reference.
package final class Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// Short stable name, also in audit records.
    package let id: String
    package let method: Method
    /// The path with `{name}` for one segment; the first of `pathTemplates`.
    package var pathTemplate: String { pathTemplates.first ?? "" }
    /// All forms of the path; more than one only for the legacy media endpoints.
    package let pathTemplates: [String]
    package let authentication: Authentication
    /// What a policy grants; nil: nothing can grant it.
    package let endpointClass: EndpointClass?
    package let requestBody: BodyKind
    package let answer: AnswerKind
    /// Bytes of a request body that are read at most; 0 where a request carries none.
    package let maxBodyBytes: Int
    /// Whether the path may end in one extra `/`, as the reference accepts it.
    package let allowsTrailingSlash: Bool
    /// What a request to this endpoint is about and what in it has to agree.
    package let subject: Subject
    /// Where events stand in what the callee answers; nil: it answers with none.
    package let answeredEvents: AnswerShape?

    package enum Method: String, Sendable, Hashable {
        case get = "GET"
        case put = "PUT"
        case post = "POST"
    }

    package enum Authentication: String, Sendable, Hashable {
        case xMatrix = "x-matrix"
        case none
        /// A bearer token in the query.
        case token
    }

    package enum BodyKind: Sendable, Hashable {
        /// GET requests: any body is refused.
        case none
        /// `{origin, pdus, edus}`.
        case transaction
        /// One event in federation format.
        case event
        /// `{room_version, event, invite_room_state}`.
        case inviteEnvelope
        /// Another JSON object.
        case object
    }

    package enum AnswerKind: Sendable, Hashable {
        case json
        /// `multipart/mixed` of a JSON object and a file or a `Location`.
        case multipartMedia
        /// The file itself.
        case file
    }

    package enum Membership: String, Sendable, Hashable {
        case join, invite, leave, knock
    }

    /// Which identifiers of a request `RequestFacts` reads and compares.
    package enum Subject: Sendable, Hashable {
        case nothing
        case transaction
        /// `{eventId}`; the room is known only from the answer.
        case event
        /// `{roomId}`, and `{eventId}` or the query `event_id` where there is one.
        case room
        /// `{roomId}/{userId}`, the user being the caller's.
        case membershipTemplate(Membership)
        /// `{roomId}/{eventId}` with the signed event as body.
        case membershipEvent(Membership)
        case exchangeThirdPartyInvite
        case onBind
        /// Query `room_alias` of the callee.
        case alias
        /// Query `user_id` of the callee.
        case profile
        /// `{userId}` of the callee.
        case devices
        /// Users in the keys of this body member, all of the callee.
        case usersOf(DeviceMember)
        /// Body `user_ids`, all of the callee.
        case accounts
        case media
        case policyServer
    }

    package enum DeviceMember: Sendable, Hashable {
        case deviceKeys, oneTimeKeys
    }

    private init(
        id: String, method: Method, pathTemplates: [String], authentication: Authentication,
        endpointClass: EndpointClass?, requestBody: BodyKind, answer: AnswerKind, maxBodyBytes: Int,
        allowsTrailingSlash: Bool, subject: Subject, answeredEvents: AnswerShape?
    ) {
        self.id = id
        self.method = method
        self.pathTemplates = pathTemplates
        self.authentication = authentication
        self.endpointClass = endpointClass
        self.requestBody = requestBody
        self.answer = answer
        self.maxBodyBytes = maxBodyBytes
        self.allowsTrailingSlash = allowsTrailingSlash
        self.subject = subject
        self.answeredEvents = answeredEvents
    }

    /// Whether a request that may have been received can be sent again: reads, and what carries an id of its own.
    package var isRepeatable: Bool {
        switch subject {
        case .usersOf(.oneTimeKeys), .exchangeThirdPartyInvite, .onBind, .policyServer: false
        default: true
        }
    }

    package static func == (a: Endpoint, b: Endpoint) -> Bool { a.id == b.id }

    package func hash(into hasher: inout Hasher) { hasher.combine(id) }

    package var description: String { id }

    /// The largest body the reference reads: 200 events of 65536 bytes.
    package static let largeBody = 13_107_200
    /// Queries that name many users.
    package static let mediumBody = 1_048_576
    /// Queries with a few members.
    package static let smallBody = 65_536
}

extension Endpoint {
    static func get(
        _ id: String, _ templates: String..., endpointClass: EndpointClass?, _ subject: Subject = .nothing,
        authentication: Authentication = .xMatrix, answer: AnswerKind = .json, trailingSlash: Bool = false,
        events: AnswerShape? = nil
    ) -> Endpoint {
        Endpoint(
            id: id, method: .get, pathTemplates: templates, authentication: authentication,
            endpointClass: endpointClass, requestBody: .none, answer: answer, maxBodyBytes: 0,
            allowsTrailingSlash: trailingSlash, subject: subject, answeredEvents: events)
    }

    static func put(
        _ id: String, _ template: String, endpointClass: EndpointClass, _ subject: Subject, body: BodyKind,
        upTo maxBodyBytes: Int, authentication: Authentication = .xMatrix, trailingSlash: Bool = false,
        events: AnswerShape? = nil
    ) -> Endpoint {
        Endpoint(
            id: id, method: .put, pathTemplates: [template], authentication: authentication,
            endpointClass: endpointClass, requestBody: body, answer: .json, maxBodyBytes: maxBodyBytes,
            allowsTrailingSlash: trailingSlash, subject: subject, answeredEvents: events)
    }

    static func post(
        _ id: String, _ template: String, endpointClass: EndpointClass, _ subject: Subject = .nothing,
        body: BodyKind = .object, upTo maxBodyBytes: Int, authentication: Authentication = .xMatrix,
        events: AnswerShape? = nil
    ) -> Endpoint {
        Endpoint(
            id: id, method: .post, pathTemplates: [template], authentication: authentication,
            endpointClass: endpointClass, requestBody: body, answer: .json, maxBodyBytes: maxBodyBytes,
            allowsTrailingSlash: false, subject: subject, answeredEvents: events)
    }
}
