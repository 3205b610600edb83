// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Testing

@Suite("The policies that are shipped, and those shown in the docs")
struct ShippedPolicyTests {
    static func read(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: Fixtures.project.appending(path: path)))
    }

    /// The files in `Policies/`.
    static var shipped: [String] {
        let folder = Fixtures.project.appending(path: "Policies").path
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".yaml") }
            .sorted()
    }

    @Test("compile without a warning", arguments: shipped)
    func compile(file: String) throws {
        let trials = try PolicyTrialFile.read(try Self.read("Policies/tests/\(file)"), fileName: file)
        let bytes = try Self.read("Policies/\(file)")
        let lists = trials.readings(for: Policy.listSources(bytes))
        #expect(lists.unknown.isEmpty)
        let policy = try Policy.compile(bytes, fileName: file, lists: lists.readings)
        #expect(policy.warnings.isEmpty)
        #expect(try policy.refusal("never.heard.example") == .originUnknown)
    }

    @Test("there are eight at least, each with its tests")
    func complete() throws {
        #expect(Self.shipped.count >= 8)
        for file in Self.shipped { #expect(try !Self.read("Policies/tests/\(file)").isEmpty, "\(file)") }
    }

    @Test("eu27 holds the 27 member states")
    func memberStates() throws {
        let text = String(decoding: try Self.read("Policies/eu27.yaml"), as: UTF8.self)
        let codes = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split(
            separator: " ")
        #expect(codes.count == 27)
        for code in codes where code != "FR" {
            let policy = try Policy.of(text.replacing("state: DE\n", with: "state: \(code)\n"))
            #expect(try policy.peer("matrix.bund.example.de").tier.name == "eu", "\(code)")
        }
        #expect(try Policy.of(text).peer("chat.regjeringen.example.no").state == "NO")
    }

    @Test("every whole policy in docs/policy.md compiles")
    func docs() throws {
        let text = String(decoding: try Self.read("docs/policy.md"), as: UTF8.self)
        let blocks = text.components(separatedBy: "```yaml\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }.filter { $0.hasPrefix("entente: 1") }
        #expect(!blocks.isEmpty)
        for block in blocks { _ = try Policy.of(block) }
    }

    @Test("every key, class and EDU type that exists stands in docs/policy.md")
    func documented() throws {
        let text = String(decoding: try Self.read("docs/policy.md"), as: UTF8.self)
        let keys = Policy.shapes.values.flatMap(\.keys.keys)
        let words = Set(
            EndpointClass.allCases.map(\.rawValue) + EDUType.allCases.map(\.rawValue) + keys + ["not_after"])
        for word in words { #expect(text.contains("`\(word)`") || text.contains("`\(word):"), "\(word)") }
        #expect(words.count > 60)
    }

    @Test("what the target policy has and this version does not is refused key by key, never ignored")
    func target() throws {
        let text = """
            entente: 1
            policy: { id: t, serial: 1 }
            self: { state: FR, servers: [a.example.fr] }
            tiers: { own: { may: [send] } }

            """
        _ = try Policy.of(text)
        for key in ["networks"] {
            let errors = #expect(throws: PolicyErrors.self) { try Policy.of(text + "\(key): {}\n") }
            #expect(try #require(errors).diagnostics.first?.what.contains("would not be enforced") == true)
        }
    }
}
