// SPDX-License-Identifier: Apache-2.0

internal import CResolver
package import MatrixFederation
package import NIOCore
package import NIOPosix
internal import Synchronization
internal import Transport

/// The system's resolver: `getaddrinfo` for addresses (so that `/etc/hosts` counts), libresolv for SRV records. With name
/// servers of its own, those of a closed network, libresolv for both, and nothing else is asked.
///
/// Both block, so they run on a few threads of their own. `getaddrinfo` cannot be interrupted: after `timeout` the asker
/// gets `.unavailable`, while the thread stays busy until the library gives up; `maxWaiting` bounds what queues behind it.
package final class SystemResolver: NameResolver {
    package struct Limits: Sendable {
        package var timeout: TimeAmount = .seconds(5)
        /// Questions under way and waiting, together.
        package var maxWaiting = 256
        package var maxAddresses = 16
        package var maxServices = 16

        package init() {}
    }

    private let threads: NIOThreadPool
    private let loop: any EventLoop
    private let limits: Limits
    /// Empty: the system's.
    private let servers: [NameServer]
    private let waiting = Mutex(0)

    /// `threads` must be started, and is shut down by whoever made it; `loop` only runs the timers.
    ///
    /// - Parameter servers: at most `NameServer.maxCount`; `nil` for the system's.
    package init(
        threads: NIOThreadPool, loop: any EventLoop, servers: NameServers? = nil, limits: Limits = Limits()
    ) {
        self.servers = servers?.all ?? []
        self.threads = threads
        self.loop = loop
        self.limits = limits
    }

    package func addresses(of host: String) async throws(ResolutionFault) -> ResolvedHost {
        let limit = limits.maxAddresses
        guard servers.isEmpty else {
            let (servers, seconds) = (servers, seconds)
            return try await ask { SystemResolver.lookUp(host, limit: limit, seconds: seconds, at: servers) }
        }
        return try await ask { SystemResolver.lookUp(host, limit: limit) }
    }

    package func services(_ name: String) async throws(ResolutionFault) -> [SRVRecord] {
        let limit = limits.maxServices
        let (servers, seconds) = (servers, seconds)
        do {
            return try await ask { SystemResolver.query(name, limit: limit, seconds: seconds, at: servers) }
        } catch .none {
            return []
        }
    }

    /// How long the library waits for one answer before it asks again.
    private var seconds: Int32 { Int32(clamping: max(1, limits.timeout.nanoseconds / 2_000_000_000)) }

    /// Runs `question` on a thread of the pool, and answers `.unavailable` when the time is over first.
    private func ask<Answer: Sendable>(
        _ question: @escaping @Sendable () -> Result<Answer, ResolutionFault>
    ) async throws(ResolutionFault) -> Answer {
        let admitted = waiting.withLock { waiting in
            guard waiting < limits.maxWaiting else { return false }
            waiting += 1
            return true
        }
        guard admitted else { throw .overload }
        let promise = loop.makePromise(of: Result<Answer, ResolutionFault>.self)
        let once = OneAnswer(promise)
        threads.submit { state in
            once.give(state == .active ? question() : .failure(.unavailable))
            self.waiting.withLock { $0 -= 1 }
        }
        let timer = loop.scheduleTask(in: limits.timeout) { once.give(.failure(.unavailable)) }
        let answer = try? await promise.futureResult.get()
        timer.cancel()
        return try (answer ?? .failure(.unavailable)).get()
    }

    /// A promise that takes the first answer and ignores the second.
    private final class OneAnswer<Answer: Sendable>: Sendable {
        private let promise: Mutex<EventLoopPromise<Result<Answer, ResolutionFault>>?>

        init(_ promise: EventLoopPromise<Result<Answer, ResolutionFault>>) { self.promise = Mutex(promise) }

        func give(_ answer: Result<Answer, ResolutionFault>) {
            let first = promise.withLock { promise in
                defer { promise = nil }
                return promise
            }
            first?.succeed(answer)
        }
    }

    // MARK: The two libraries

    private static func lookUp(_ host: String, limit: Int) -> Result<ResolvedHost, ResolutionFault> {
        guard isPlain(host), !NumericHost.isLookalike(host) else { return .failure(.malformed) }
        var found = [ent_address](repeating: ent_address(), count: limit)
        var isAlias: Int32 = 0
        let count = unsafe found.withUnsafeMutableBufferPointer {
            unsafe ent_lookup(host, $0.baseAddress, Int32(limit), &isAlias)
        }
        return resolved(found, count: count, isAlias: isAlias != 0)
    }

    private static func lookUp(
        _ host: String, limit: Int, seconds: Int32, at servers: [NameServer]
    ) -> Result<ResolvedHost, ResolutionFault> {
        guard isPlain(host), !NumericHost.isLookalike(host) else { return .failure(.malformed) }
        var found = [ent_address](repeating: ent_address(), count: limit)
        var isAlias: Int32 = 0
        let asked = servers.map(\.native)
        let count = unsafe found.withUnsafeMutableBufferPointer {
            unsafe ent_address_query(
                host, $0.baseAddress, Int32(limit), &isAlias, seconds, 2, asked, Int32(asked.count))
        }
        return resolved(found, count: count, isAlias: isAlias != 0)
    }

    /// Reads an answer message about addresses as the resolver would; for tests of hostile answers.
    package static func addresses(
        inAnswer message: [UInt8], to name: String, family: Int32 = 4, limit: Int = 16
    ) -> Result<ResolvedHost, ResolutionFault> {
        var found = [ent_address](repeating: ent_address(), count: limit)
        var isAlias: Int32 = 0
        let count = unsafe found.withUnsafeMutableBufferPointer {
            unsafe ent_address_read(
                name, family, message, Int32(clamping: message.count), $0.baseAddress, Int32(limit), &isAlias)
        }
        return resolved(found, count: count, isAlias: isAlias != 0)
    }

    private static func resolved(
        _ found: [ent_address], count: Int32, isAlias: Bool
    ) -> Result<ResolvedHost, ResolutionFault> {
        guard count > 0 else {
            return switch Int(count) {
            case Int(ENT_DNS_NONE): .failure(.none)
            case Int(ENT_DNS_MALFORMED), Int(ENT_DNS_TOO_MANY): .failure(.malformed)
            default: .failure(.unavailable)
            }
        }
        let addresses = found.prefix(Int(count)).map { entry in
            var bytes = entry.bytes
            let bits = unsafe withUnsafeBytes(of: &bytes) { bytes in
                unsafe bytes.prefix(entry.family == 4 ? 4 : 16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
            }
            return entry.family == 4 ? IPAddress(v4: UInt32(truncatingIfNeeded: bits)) : IPAddress(v6: bits)
        }
        return .success(ResolvedHost(addresses: addresses, isAlias: isAlias))
    }

    /// Names that may be given to C: no NUL, nothing but what host and service names are made of.
    private static func isPlain(_ name: String) -> Bool {
        (1...253).contains(name.utf8.count) && name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func query(
        _ name: String, limit: Int, seconds: Int32, at servers: [NameServer]
    ) -> Result<[SRVRecord], ResolutionFault> {
        guard isPlain(name) else { return .failure(.malformed) }
        var records = [ent_srv](repeating: ent_srv(), count: limit)
        let asked = servers.map(\.native)
        let count = unsafe records.withUnsafeMutableBufferPointer {
            unsafe ent_srv_query(name, $0.baseAddress, Int32(limit), seconds, 2, asked, Int32(asked.count))
        }
        return SystemResolver.services(records, count: count)
    }

    /// Reads an answer message as the resolver would; for tests of hostile answers.
    package static func services(
        inAnswer message: [UInt8], to name: String, limit: Int = 16
    ) -> Result<[SRVRecord], ResolutionFault> {
        var records = [ent_srv](repeating: ent_srv(), count: limit)
        let count = unsafe records.withUnsafeMutableBufferPointer {
            unsafe ent_srv_read(name, message, Int32(clamping: message.count), $0.baseAddress, Int32(limit))
        }
        return SystemResolver.services(records, count: count)
    }

    private static func services(_ records: [ent_srv], count: Int32) -> Result<[SRVRecord], ResolutionFault> {
        switch Int(count) {
        case Int(ENT_DNS_NONE): return .failure(.none)
        case Int(ENT_DNS_UNAVAILABLE): return .failure(.unavailable)
        case 0...records.count:
            return .success(
                records.prefix(Int(count)).map { record in
                    var target = record.target
                    let text = unsafe withUnsafeBytes(of: &target) { bytes in
                        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                    }
                    return SRVRecord(
                        priority: record.priority, weight: record.weight, port: record.port, target: text)
                })
        default: return .failure(.malformed)
        }
    }
}
