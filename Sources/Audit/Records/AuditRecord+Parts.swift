// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

extension AuditRecord {
    /// Who asked.
    package struct Origin: Sendable {
        /// The server that the request names; a peer's text, proved by nothing.
        package var claimed: String?
        /// The server whose signature was verified.
        package var authenticated: String?
        package var keyID: String?
        package var state: String?
        package var tier: String?

        package init(
            claimed: String? = nil, authenticated: String? = nil, keyID: String? = nil, state: String? = nil,
            tier: String? = nil
        ) {
            self.claimed = claimed
            self.authenticated = authenticated
            self.keyID = keyID
            self.state = state
            self.tier = tier
        }
    }

    /// Who was asked.
    package struct Destination: Sendable {
        package var server: String?
        package var state: String?
        package var tier: String?

        package init(server: String? = nil, state: String? = nil, tier: String? = nil) {
            self.server = server
            self.state = state
            self.tier = tier
        }
    }

    package struct Author: Sendable {
        package var domain: String
        package var count: Int

        package init(domain: String, count: Int) {
            self.domain = domain
            self.count = count
        }
    }

    /// How many PDUs came, went on, and were refused.
    package struct PDUCounts: Sendable {
        package var received: Int
        package var forwarded: Int
        package var refused: Int

        package init(received: Int, forwarded: Int, refused: Int) {
            self.received = received
            self.forwarded = forwarded
            self.refused = refused
        }
    }

    /// How many EDUs of each type came. Types outside the specification count as `other`: their names are a peer's text.
    package struct EDUCounts: Sendable {
        package var typing = 0
        package var receipts = 0
        package var presence = 0
        package var toDevice = 0
        package var deviceLists = 0
        package var signingKeys = 0
        package var other = 0

        package init() {}
    }

    /// One PDU or EDU that did not pass.
    package struct Refusal: Sendable {
        /// The event, by reference; nil for EDUs and for events whose id is not known.
        package var event: Reference?
        /// The same event by the other IDs that it may have.
        package var otherEvents: [Reference]
        package var type: String?
        /// The server of the author.
        package var author: String?
        package var reason: ReasonCode
        package var ruleID: String?

        package init(
            event: Reference? = nil, otherEvents: [Reference] = [], type: String? = nil, author: String? = nil,
            reason: ReasonCode, ruleID: String? = nil
        ) {
            self.event = event
            self.otherEvents = otherEvents
            self.type = type
            self.author = author
            self.reason = reason
            self.ruleID = ruleID
        }
    }

    /// Of the HTTP exchange, what is known when the record is made.
    package struct HTTP: Sendable {
        /// The status that the gateway answers; nil when the answer will come from the other side.
        package var status: Int?
        package var errcode: String?
        package var bytesIn: Int?
        package var bytesOut: Int?

        package init(status: Int? = nil, errcode: String? = nil, bytesIn: Int? = nil, bytesOut: Int? = nil) {
            self.status = status
            self.errcode = errcode
            self.bytesIn = bytesIn
            self.bytesOut = bytesOut
        }
    }

    package struct TLS: Sendable {
        package var version: String?
        package var suite: String?
        package var group: String?
        /// SHA-256 of the peer's public key, when it showed a certificate.
        package var peerSPKI: Digest?

        package init(version: String?, suite: String?, group: String?, peerSPKI: Digest?) {
            self.version = version
            self.suite = suite
            self.group = group
            self.peerSPKI = peerSPKI
        }
    }

    /// Microseconds from the first byte to the decision, and its parts as far as they were measured.
    package struct Durations: Sendable {
        package var total: Int64?
        package var auth: Int64?
        package var policy: Int64?
        package var upstream: Int64?

        package init(total: Int64? = nil, auth: Int64? = nil, policy: Int64? = nil, upstream: Int64? = nil) {
            self.total = total
            self.auth = auth
            self.policy = policy
            self.upstream = upstream
        }
    }

    package struct Shadow: Sendable {
        package var decision: Decision
        package var ruleID: String?

        package init(decision: Decision, ruleID: String?) {
            self.decision = decision
            self.ruleID = ruleID
        }
    }
}
