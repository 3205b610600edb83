// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import NIOCore
internal import Transport

/// Asks a host for `/.well-known/matrix/server`, following redirects within bounds.
package struct WellKnownClient: Sendable {
    package struct Answer: Hashable, Sendable {
        package let delegated: ServerName
        /// How long it may be kept.
        package let seconds: Int64
    }

    package static let path = "/.well-known/matrix/server"
    package static let maxRedirects = 5
    /// For the whole question, redirects included; a name lookup that hangs may add its own time limit once.
    package static let timeout = TimeAmount.seconds(10)
    /// Addresses of one host that are tried.
    static let maxDials = 2

    private let lookup: HostLookup
    private let fetching: any Fetching
    private let monotonic: @Sendable () -> NIODeadline

    package init(
        lookup: HostLookup, fetching: any Fetching,
        monotonic: @escaping @Sendable () -> NIODeadline = { NIODeadline.now() }
    ) {
        self.lookup = lookup
        self.fetching = fetching
        self.monotonic = monotonic
    }

    package func ask(_ host: ServerName, now: Timestamp) async throws(WellKnownFault) -> Answer {
        let deadline = monotonic() + WellKnownClient.timeout
        var place = RedirectTarget(authority: host, path: WellKnownClient.path)
        var visited: Set<RedirectTarget> = [place]
        for _ in 0...WellKnownClient.maxRedirects {
            let answer = try await fetch(place, deadline)
            switch answer.status {
            case 200:
                return try read(answer, now: now)
            case 301, 302, 303, 307, 308:
                let locations = answer.values(of: "location")
                guard locations.count == 1, let location = locations.first,
                    let next = RedirectTarget(location: location, from: place.authority)
                else { throw .redirect("to a place that is not https") }
                guard visited.insert(next).inserted else { throw .redirect("in a loop") }
                place = next
            default:
                throw .status(answer.status)
            }
        }
        throw .redirect("more than \(WellKnownClient.maxRedirects) times")
    }

    private func fetch(_ place: RedirectTarget, _ deadline: NIODeadline) async throws(WellKnownFault) -> FetchAnswer {
        // An address as the first host never comes here (discovery skips well-known); as a redirect it is checked.
        let host = place.authority.bareHost
        let dials: [Dial]
        do {
            dials = try await lookup.dials(to: host, port: place.authority.port ?? 443)
        } catch {
            throw .discovery(error)
        }
        var fault = FetchFault.unreachable
        for dial in dials.prefix(WellKnownClient.maxDials) {
            let left = deadline - monotonic()
            guard left > .nanoseconds(0) else { throw .exchange(.timeout) }
            do {
                return try await fetching.get(
                    FetchRequest(
                        dial: dial, certificateName: host, host: place.authority.text, target: place.path, trust: .web,
                        maxBodyBytes: WellKnownLifetime.maxBytes, timeout: left))
            } catch {
                fault = error
            }
        }
        throw .exchange(fault)
    }

    private func read(_ answer: FetchAnswer, now: Timestamp) throws(WellKnownFault) -> Answer {
        guard let document = try? JSONDocument(reading: answer.body),
            let member = document.member("m.server", of: document.root), let text = document.string(member),
            let delegated = try? ServerName(text)
        else { throw .invalid }
        let seconds = WellKnownLifetime.seconds(
            cacheControl: answer.values(of: "cache-control"), expires: answer.values(of: "expires").first, now: now)
        return Answer(delegated: delegated, seconds: seconds)
    }
}

extension ServerName {
    /// The host without the brackets of an IPv6 literal.
    var bareHost: String { host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host }
}
