// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Testing

@testable import Audit

@Suite("AC-102 Lockdowns in force, beside the log")
struct LockdownStoreTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "lock-\(UUID().uuidString)").path

    @Test("none without a file, what was written with one, its owner's alone; a damaged one is a fault")
    func file() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = LockdownStore(directory: directory)
        #expect(try store.read() == nil)
        try store.write(LockdownRegister())
        #expect(try store.read() == LockdownRegister())
        let path = directory + "/lockdown.state"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(!FileManager.default.fileExists(atPath: path + ".new"))
        for bytes in [[], Array("entente lockdowns 1\n".utf8), [UInt8](repeating: 0x61, count: 1 << 20)] {
            try Data(bytes).write(to: URL(filePath: path))
            #expect(throws: LockdownStore.Fault.self) { try store.read() }
        }
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
        #expect(throws: LockdownStore.Fault.self) { try store.read() }
    }
}
