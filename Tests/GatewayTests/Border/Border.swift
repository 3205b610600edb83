// SPDX-License-Identifier: Apache-2.0

import Audit
import Gateway
import Synchronization
import TestKit

/// A whole gateway between peers whose keys its policy pins and one homeserver, read one request at a time.
final class Border: Sendable {
    private let gateway: GatewayUnderTest
    private let taken = Mutex(0)
    private let read = Mutex(0)

    private init(_ gateway: GatewayUnderTest) { self.gateway = gateway }

    /// Runs a test before a gateway and takes it down afterwards.
    ///
    /// - Parameter hosts: host names beside the one in `name`.
    static func stand(
        policy: String, before name: String = BorderPolicy.own, hosts: [String] = [],
        mixed: MixedTransactions = .withhold, _ test: (Border) async throws -> Void
    ) async throws {
        try await GatewayUnderTest.running { setup in
            setup.policy = policy
            setup.names = [name]
            setup.hosts = hosts
            setup.mixed = mixed
        } _: {
            try await test(Border($0))
        }
    }

    var homeserver: FakeHomeserver { gateway.homeserver }

    /// Moves the clock by which limits are counted.
    func pass(milliseconds: Int64) { gateway.ticks.advance(milliseconds) }
    func underWay() async -> Int { await gateway.underWay() }
    func until(_ isSo: () async throws -> Bool) async throws -> Bool { try await gateway.until(isSo) }
    func outcomes() async throws -> [TrailRecord] { try await gateway.firstOutcomes() }

    /// What reached the homeserver since the last call.
    func takeSeen() -> [FakeHomeserver.Request] {
        let all = homeserver.requests
        return taken.withLock { taken in
            defer { taken = all.count }
            return Array(all[taken...])
        }
    }

    func connect() throws -> RawPeer { try gateway.connect() }

    /// How many records there were when they were last read.
    var readRecords: Int { read.withLock { $0 } }

    /// The records of requests, in order, once all are durable.
    func records() async throws -> [BorderRecord] {
        try await gateway.untilRecorded()
        return try durableRecords()
    }

    /// Those that are durable now.
    func durableRecords() throws -> [BorderRecord] {
        var reader = LogReader(directory: gateway.directory)
        var records: [BorderRecord] = []
        while let entry = try reader.next() {
            let record = try BorderRecord(entry.sequence, entry.record)
            if record.text("kind") == "request" { records.append(record) }
        }
        read.withLock { $0 = records.count }
        return records
    }

    func lastRecord() async throws -> BorderRecord {
        guard let record = try await records().last else { throw NoRecord() }
        return record
    }

    struct NoRecord: Error {}
}
