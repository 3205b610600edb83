// SPDX-License-Identifier: Apache-2.0

package import Audit
package import NIOCore

/// What the operator decides of the inbound side, once at start.
package struct InboundSettings: Sendable {
    package var homeservers: [Homeserver]
    /// Where each homeserver's federation listener is; in the order of `homeservers`.
    package var upstreams: [SocketAddress]
    package var mixed: MixedTransactions
    /// From sending a request to the homeserver to the head of its answer. Below the 60 s after which peers give up.
    package var upstreamTime = TimeAmount.seconds(50)
    /// Connections of one event loop to one homeserver.
    package var upstreamConnections = 128
    /// `state` of large rooms takes a homeserver longer; peers wait 600 s for it.
    package var slowUpstreamTime = TimeAmount.seconds(300)
    /// Bytes of a refused body that are read and dropped, so that the connection survives the answer.
    package var discardedBytes = 1_048_576
    /// Bytes of a JSON answer that is held whole.
    package var answerBytes = 16_777_216
    /// Bytes of an answer that streams: room state and media.
    package var streamedAnswerBytes = 524_288_000
    /// Bytes of bodies that one event loop holds at a time, proved and unproved; more are answered 503.
    package var heldBytes = 268_435_456
    /// Requests under way on one event loop; more are answered 503.
    package var maxRequests = 4096
    /// Refusals of whoever has proved nothing that are recorded one by one, of each network and reason in a minute; more are
    /// counted, in one record. AC-88.
    package var singleRefusals = 60
    /// Whether the clock may say which keys are valid. AC-95.
    package var clockTrust = ClockTrust()
    /// Requests that the gateway died of; `nil`: nobody looks for them. AC-106.
    package var quarantine: RequestQuarantine?
    /// Told, on an event loop, that a server asked whom neither the policy nor a list in force names.
    package var whenUnlisted: (@Sendable () -> Void)?
    /// Shut while a sink lacks too many records, where the policy wants that.
    package var gate = EvidenceGate()

    package init(homeservers: [Homeserver], upstreams: [SocketAddress], mixed: MixedTransactions) {
        self.homeservers = homeservers
        self.upstreams = upstreams
        self.mixed = mixed
    }
}
