// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import Testing

@Suite("A log in a directory")
final class FileDiskTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString)").path

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
        try? FileManager.default.removeItem(atPath: directory + ".key")
        try? FileManager.default.removeItem(atPath: directory + ".pseudonyms")
    }

    private func configuration(_ directory: String) -> AuditConfiguration {
        var configuration = AuditConfiguration(directory: directory, node: "gw-1")
        configuration.retryMicroseconds = 1000
        configuration.submitRetryMicroseconds = 0
        configuration.emergencyBytes = 4096
        return configuration
    }

    @Test("two processes never write one log")
    func lock() throws {
        let log = try AuditLog.open(configuration(directory), build: "1", policy: nil)
        let error = #expect(throws: AuditOpenError.self) {
            try AuditLog.open(configuration(directory), build: "2", policy: nil)
        }
        #expect(
            try #require(error).description.contains("cannot lock lock: another process holds it; the gateway does"))
        log.close(reason: "test")
    }

    @Test("what is written can be read by its owner only")
    func rights() throws {
        let log = try AuditLog.open(configuration(directory), build: "1", policy: nil)
        log.close(reason: "test")
        let names = try FileManager.default.subpathsOfDirectory(atPath: directory).map { directory + "/" + $0 }
        #expect(names.count > 8)
        for name in names + [directory + ".key"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: name)
            let isDirectory = attributes[.type] as? FileAttributeType == .typeDirectory
            #expect(attributes[.posixPermissions] as? Int == (isDirectory ? 0o700 : 0o600), "\(name)")
        }
    }

    @Test("a file that is cut or removed beneath the writer stops traffic")
    func removed() throws {
        for isRemoved in [true, false] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let directory = directory + "/\(isRemoved)"
            let log = try AuditLog.open(configuration(directory), build: "1", policy: nil)
            let desk = TestDesk(log)
            try desk.submit(.allow)
            #expect(desk.settle())
            let path = directory + "/journal.00000000000000000000"
            if isRemoved {
                try FileManager.default.removeItem(atPath: path)
            } else {
                let handle = try #require(FileHandle(forWritingAtPath: path))
                try handle.truncate(atOffset: 10)
            }
            try desk.submit(.allow)
            #expect(desk.settle())
            #expect(desk.outcomes.count == 2)
            if case .failed(.unavailable) = desk.outcomes[1] {} else { Issue.record("\(desk.outcomes)") }
            log.close(reason: "test")
        }
    }

    @Test("AC-93 a full disk stops traffic, is noted in reserved space, and traffic goes on when there is room")
    func fullDisk() async throws {
        // 256 KiB of memory; needs the right to mount, without which there is nothing to test here.
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        guard run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", directory) else { return }
        defer { _ = run("umount", "-l", directory) }
        var configuration = configuration(directory + "/log")
        configuration.reserveBytes = 8192
        let log = try AuditLog.open(configuration, build: "1", policy: nil)
        let ballast = directory + "/ballast"
        try Data(count: 100_000).write(to: URL(filePath: ballast))
        let desk = TestDesk(log)
        var permits: UInt64 = 0
        while case .permitted = try {
            try desk.submit(.allow); _ = desk.settle(); return desk.outcomes.last
        }() {
            permits += 1
        }
        #expect(permits > 10)
        #expect(!log.status.isAvailable)
        let emergency = URL(filePath: directory + "/log/emergency.jsonl")
        while try !Data(contentsOf: emergency).starts(with: Data("{".utf8)) { await Task.yield() }
        try FileManager.default.removeItem(atPath: ballast)
        while !log.status.isAvailable { await Task.yield() }
        try desk.submit(.allow)
        #expect(desk.settle())
        #expect(desk.outcomes.last == .permitted(permits + 4))
        log.close(reason: "test")
        #expect(try Samples.read(LogDirectory(directory + "/log")).records.count == Int(permits) + 5)
    }

    private func run(_ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
