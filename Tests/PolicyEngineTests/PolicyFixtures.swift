// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Testing

/// Where the fixtures are, and how golden files are compared.
enum Fixtures {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    static let project = root.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Set `ENTENTE_REWRITE_GOLDEN=1` to write what the code says now; then read the difference before committing it.
    static let isRewriting = ProcessInfo.processInfo.environment["ENTENTE_REWRITE_GOLDEN"] == "1"

    static func names(in folder: String, suffix: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
        return files.filter { $0.hasSuffix(suffix) }.sorted()
    }

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: root.appending(path: path))) }

    static func expectGolden(_ text: String, _ path: String) throws {
        let file = root.appending(path: path)
        if isRewriting { try Data(text.utf8).write(to: file) }
        let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(text == expected, "\(path): set ENTENTE_REWRITE_GOLDEN=1 if the new text is meant")
    }
}

extension Policy {
    /// A policy written in a test.
    static func of(_ text: String) throws -> Policy { try compile(Array(text.utf8), fileName: "policy.yaml") }

    func peer(_ name: String) throws -> Peer {
        guard case .admitted(let peer) = admit(try ServerName(name)) else { throw NotAdmitted(name: name) }
        return peer
    }

    func refusal(_ name: String) throws -> ReasonCode? {
        guard case .refused(let verdict) = admit(try ServerName(name)) else { return nil }
        return verdict.reason
    }
}

struct NotAdmitted: Error { let name: String }

/// SplitMix64: small, seeded, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
