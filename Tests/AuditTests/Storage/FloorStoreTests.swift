// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Testing

@testable import Audit

@Suite("Which policy was in force last")
final class FloorStoreTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "floor-\(UUID().uuidString)").path
    private let store: FloorStore

    init() { store = FloorStore(directory: directory) }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
        try? FileManager.default.removeItem(atPath: directory + ".key")
        try? FileManager.default.removeItem(atPath: directory + ".pseudonyms")
    }

    private func floor(_ serial: Int64) -> PolicyFloor {
        PolicyFloor(id: "eu", serial: serial, sha256: SHA256.hash([UInt8(serial)]))
    }

    private func stamp(_ serial: Int64) -> PolicyStamp {
        PolicyStamp(serial: serial, sha256: SHA256.hash([UInt8(serial)]), mode: "enforce")
    }

    /// A log that began with one policy and activated others.
    private func log(_ serials: [Int64], journalBytes: Int = 16 << 20) async throws {
        var configuration = AuditConfiguration(directory: directory, node: "gw-1")
        configuration.emergencyBytes = 4096
        configuration.journalBytes = journalBytes
        let log = try AuditLog.open(configuration, build: "0.1.0", policy: serials.first.map(stamp))
        for serial in serials.dropFirst() {
            _ = try await log.record(
                .policyActivated(id: "eu", policy: stamp(serial), previous: nil, signedBy: ["officer-a"]))
        }
        log.close(reason: "test")
    }

    private func write(_ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: directory + "/policy.floor"))
    }

    @Test("AC-99 a node that never had a policy has no floor; a directory that is not there neither")
    func fresh() throws {
        #expect(try store.read() == nil)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        #expect(try store.read() == nil)
    }

    @Test("AC-99 the floor is written whole, for its owner only, and read again")
    func roundTrip() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for serial in [41, 42] as [Int64] {
            try store.write(floor(serial))
            #expect(try store.read() == floor(serial))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(names == ["policy.floor"])
        let mode = try FileManager.default.attributesOfItem(atPath: directory + "/policy.floor")[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test("AC-99 a floor that was removed, or set back, is taken from the log")
    func fromLog() async throws {
        try await log([40, 41, 42])
        #expect(try store.read() == floor(42))
        try store.write(PolicyFloor(id: "eu", serial: 41, sha256: SHA256.hash([41])))
        #expect(try store.read() == floor(42), "the log is above the file")
        try store.write(floor(50))
        #expect(try store.read() == floor(50), "the file is above the log")
    }

    @Test("AC-99 a start alone names a policy, too, and older bundles are asked if newer ones name none")
    func bundles() async throws {
        try await log([7])
        #expect(try store.read()?.serial == 7 && store.read()?.sha256 == floor(7).sha256)
        try await log([7, 8, 9])
        let disk = try FileDisk(directory, emergencyBytes: 4096)
        let key = try LogKey(parsing: String(contentsOfFile: directory + ".key", encoding: .utf8))
        var options = TreeStore.Options()
        options.journalBytes = 1000
        let open = try TreeStore.open(disk, key: key, options: options)
        for _ in 0..<4 {
            try open.append(Samples.batch(256))
            open.prepare()
        }
        open.close()
        #expect(try LogDirectory(directory).names(in: "tile/entries").count > 3)
        #expect(try store.read() == floor(9))
        #expect(try LastPolicy(in: directory, bundles: 1).floor == nil)
    }

    @Test("AC-99 records without a policy, and no floor: it was lost, and that is said")
    func lost() async throws {
        try await log([])
        #expect(throws: FloorStore.Fault.lost(directory: directory)) { try store.read() }
        try store.write(floor(3))
        #expect(try store.read() == floor(3))
    }

    @Test("AC-99 a floor that is not what was written, or a log that was altered, is no floor")
    func altered() async throws {
        try await log([40, 41])
        for bad in ["", "policy eu serial 1", "policy eu serial 41 sha256 00\n", String(repeating: "a", count: 999)] {
            try write(Array(bad.utf8))
            #expect(throws: FloorStore.Fault.malformed(directory: directory)) { try store.read() }
        }
        try FileManager.default.removeItem(atPath: directory + "/policy.floor")
        #expect(try store.read()?.serial == 41)
        let journal = directory + "/" + (try #require(try LogDirectory(directory).journals().first))
        var bytes = Array(try Data(contentsOf: URL(filePath: journal)))
        let serial = try #require(bytes.firstRange(of: Array("\"serial\":41".utf8)))
        bytes[serial.upperBound - 2] = UInt8(ascii: "1")
        try Data(bytes).write(to: URL(filePath: journal))
        #expect(throws: FloorStore.Fault.self) { try store.read() }
    }

    @Test("text of others inside a record is no policy")
    func forged() async throws {
        try await log([40])
        var configuration = AuditConfiguration(directory: directory, node: "gw-1")
        configuration.emergencyBytes = 4096
        let log = try AuditLog.open(configuration, build: "0.1.0", policy: stamp(40))
        _ = try await log.record(
            .policyRejected(file: #""kind":"policy.activated","policy":{"serial":99}"#, error: #"","kind":"log.start"#))
        log.close(reason: "test")
        #expect(try store.read()?.serial == 40)
    }
}
