// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// What was decided about one request, as the officer will read it years later.
///
/// Holds no signature, header, token, query or body: there is no field to put one in. Every text is
/// escaped and cut when it is encoded, so callers may put a peer's text where a field is meant for it.
/// Names of people are in `contents` alone, and leave it as pseudonyms or sealed.
/// `docs/audit.md` explains each field.
package struct AuditRecord: Sendable {
    /// When it was decided, in microseconds since 1970-01-01T00:00:00Z.
    package var time: Int64
    package var direction: Direction
    package var decision: Decision
    package var reason: ReasonCode
    /// The rule that decided; nil when it was the default or no policy question.
    package var ruleID: String?
    /// One sentence for the officer; cut at 300 bytes.
    package var explain: String?
    package var policy: PolicyStamp?

    package var origin = Origin()
    package var destination = Destination()
    /// The servers whose events or data the request carries, each with how many.
    package var authors: [Author] = []
    package var endpoint: EndpointLabel?
    /// The verb as received, for requests that match no endpoint.
    package var method: String?
    package var room: Reference?
    package var contents = Contents()
    /// The network over which it came; nil where the policy has no closed networks, or gives the listener to none.
    package var network: String?

    package var pdus: PDUCounts?
    package var edus: EDUCounts?
    /// Each PDU or EDU that was refused; those that do not fit are counted in `refusals_omitted`.
    package var refusals: [Refusal] = []
    /// What is worth an officer's look although nothing was refused for it; distinct.
    package var alerts: [ReasonCode] = []

    package var http: HTTP?
    package var tls: TLS?
    package var durations: Durations?
    /// SHA-256 of the request's body as received.
    package var requestHash: Digest?
    /// What a policy in shadow mode would have decided.
    package var shadow: Shadow?

    package init(time: Int64, direction: Direction, decision: Decision, reason: ReasonCode) {
        self.time = time
        self.direction = direction
        self.decision = decision
        self.reason = reason
    }
}

extension AuditRecord {
    package enum Direction: String, CaseIterable, Sendable {
        /// From another server towards the own homeserver.
        case inbound
        /// From the own homeserver towards another server.
        case outbound
    }

    package enum Decision: String, CaseIterable, Sendable {
        /// All of it passes.
        case allow
        /// Some of it passes, in a body that the gateway signed again.
        case partial
        /// Nothing passes; the sender is told so.
        case refuse
        /// Mixed content: nothing passes, the sender is told that all is well.
        case withheld
        /// Each item was refused: nothing passes, each item is answered with an error.
        case absorbed

        /// Whether something crosses the border, so that a durable record yields a `Permit`.
        package var passes: Bool { self == .allow || self == .partial }
    }
}
