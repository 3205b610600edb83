// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import NIOCore
package import PolicyEngine
internal import Transport

/// Asks the server itself for its keys, over verified TLS. No notary is ever asked: a notary can invent keys for anybody.
package struct OriginKeySource: KeySource {
    package static let target = "/_matrix/key/v2/server"
    package static let maxBytes = ServerKeys.maxBytes
    /// For all addresses of the route together.
    package static let timeout = TimeAmount.seconds(10)

    private let locator: ServerLocator
    private let fetching: any Fetching
    private let now: @Sendable () -> Timestamp
    private let monotonic: @Sendable () -> NIODeadline

    package init(
        locator: ServerLocator, fetching: any Fetching, now: @escaping @Sendable () -> Timestamp,
        monotonic: @escaping @Sendable () -> NIODeadline = { NIODeadline.now() }
    ) {
        self.locator = locator
        self.fetching = fetching
        self.now = now
        self.monotonic = monotonic
    }

    package func keys(of server: ServerName, along access: ServerAccess = ServerAccess()) async throws(KeyFetchFault)
        -> ServerKeys
    {
        let route: ServerRoute
        do {
            route = try await locator.route(to: server, along: access)
        } catch {
            throw .discovery(error)
        }
        let answer = try await ask(route, access)
        guard answer.status == 200 else { throw .status(answer.status) }
        return try OriginKeySource.read(answer.body, of: server, fetchedAt: now())
    }

    /// Reads and verifies a key document; what it does not prove is not believed.
    package static func read(
        _ body: [UInt8], of server: ServerName, fetchedAt: Timestamp
    ) throws(KeyFetchFault) -> ServerKeys {
        let document: JSONDocument
        do {
            document = try JSONDocument(reading: body, limits: ServerKeys.limits)
        } catch {
            throw .invalid("no strict JSON: \(error.kind)")
        }
        do {
            return try ServerKeys(verifying: document, askedFor: server, fetchedAt: fetchedAt)
        } catch .key(_, .denylisted) {
            throw .denylisted
        } catch {
            throw .invalid("\(error)")
        }
    }

    /// The first answer of any address; what it says is not judged here, so that no second address is asked for a better one.
    private func ask(_ route: ServerRoute, _ access: ServerAccess) async throws(KeyFetchFault) -> FetchAnswer {
        let pins = Set(access.pins.compactMap { SPKIHash(bytes: $0.bytes) })
        guard pins.count == access.pins.count else { throw .exchange(.pinMismatch) }
        let deadline = monotonic() + OriginKeySource.timeout
        var fault = FetchFault.unreachable
        for (index, dial) in route.dials.enumerated() {
            let left = deadline - monotonic()
            guard left > .nanoseconds(0) else { throw .exchange(.timeout) }
            // An address that swallows packets must leave time for the next one.
            let share = index == route.dials.count - 1 ? left : .nanoseconds(left.nanoseconds / 2)
            do {
                return try await fetching.get(
                    FetchRequest(
                        dial: dial, certificateName: route.certificateName, host: route.hostHeader,
                        target: OriginKeySource.target, trust: .federation, pins: pins,
                        maxBodyBytes: OriginKeySource.maxBytes,
                        timeout: share))
            } catch {
                fault = error
                // Too large an answer is an answer.
                if error == .tooLarge { break }
            }
        }
        throw .exchange(fault)
    }
}
