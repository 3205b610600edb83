// SPDX-License-Identifier: Apache-2.0

package import Logging
internal import MatrixFederation
internal import Metrics
internal import PolicyEngine
internal import Transport

extension DiscoveryEvent {
    package var name: String {
        switch self {
        case .delegationChanged: "discovery.changed"
        case .wellKnownUnused(_, let fault): fault.reason.rawValue
        case .placeRefused(_, let fault): fault.reason.rawValue
        }
    }

    /// Writes the event to the log and counts it. A moved server is an error: somebody has to look.
    package func report(to logger: Logger) {
        Counter(label: "entente_discovery_events_total", dimensions: [("event", name)]).increment()
        switch self {
        case .delegationChanged(let server, let old, let new):
            logger.error(
                "a known server is reached under another name than before",
                metadata: ["event": "\(name)", "server": "\(server.text)", "old": "\(old)", "new": "\(new)"])
        case .wellKnownUnused(let host, let fault):
            // Many servers have none; what looks like an attack is told louder.
            logger.log(
                level: fault.isSuspicious ? .warning : .debug, "a well-known answer is not used",
                metadata: ["event": "\(name)", "host": "\(host)", "because": "\(fault.plainText)"])
        case .placeRefused(let server, let fault):
            // A server that has left the network it is known in is what an attack or a sale looks like (AC-111).
            logger.log(
                level: fault.reason == .networkChanged ? .error : .warning, "a place that a server names is not used",
                metadata: ["event": "\(name)", "server": "\(server.text)", "because": "\(fault.plainText)"])
        }
    }
}

extension WellKnownFault {
    /// Whether it leads somewhere it should not, rather than nowhere.
    var isSuspicious: Bool { [.outSSRF, .outPort, .discoveryRedirect].contains(reason) }

    var plainText: String {
        switch self {
        case .discovery(let fault): fault.plainText
        case .exchange(let fault): fault.plainText
        case .status(let status): "answered with status \(status)"
        case .redirect(let how): "redirected \(how)"
        case .invalid: "the answer is no JSON object with a server name as `m.server`"
        }
    }
}

extension DiscoveryFault {
    package var plainText: String {
        switch self {
        case .ipLiteral: "the server is named by an address, and `allow_ip_literals` is off"
        case .lookalike: "the host could be read as an address"
        case .unresolved(let host, .none): "`\(host)` has no address"
        case .unresolved(let host, .unavailable): "no answer about `\(host)` from the name servers"
        case .unresolved(let host, .malformed): "the answer about `\(host)` cannot be read strictly"
        case .unresolved(let host, .overload): "too many name lookups wait; `\(host)` was not asked for"
        case .refusedAddress(let host, let address, let refusal):
            "`\(host)` leads to \(address) (\(refusal.rawValue)), which is not in `allow_addresses`"
        case .outside(let host, let address):
            "`\(host)` leads to \(address), which is outside of the server's `connect.cidrs`"
        case .noNetwork(let name):
            "the policy has the server on network `\(name)`, and this node has no resolver or authorities for it"
        case .refusedPort(let host, let port): "port \(port) of `\(host)` is not in `allow_ports`"
        case .alias(let host): "the SRV target `\(host)` is an alias"
        case .declaredAbsent: "an SRV record says that there is no server"
        case .noUsableRecord: "no SRV record can be used"
        case .delegationHeld(let old, let new, let until):
            "moved from `\(old)` to `\(new)`; the new place is used from \(until.milliseconds) ms on"
        }
    }
}

extension FetchFault {
    package var plainText: String {
        switch self {
        case .unreachable: "no connection"
        case .tls(let why): why
        case .pinMismatch: "the certificate's key is none of those that the policy pins"
        case .refusedAddress(let what): "the socket is not where it should be: \(what)"
        case .tooLarge: "the answer is too large"
        case .timeout: "no answer in time"
        case .malformed(let why): "no well-formed answer: \(why)"
        }
    }
}
