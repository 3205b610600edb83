// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyEngine
import TestKit
import Testing

@Suite("The policy of the first draft, at its full extent")
struct TargetPolicyTests {
    /// Keys of the draft that a decision took away, with its number.
    static let dropped = ["networks/nato/labels": 17]

    static let draft = Shared.root.appending(path: "policy/target.yaml")

    private func target() throws -> String { String(decoding: try Fixtures.bytes("target.yaml"), as: UTF8.self) }

    @Test("compiles, and what it warns of is only what this version does not carry out, and reviews without an answer")
    func compiles() throws {
        let policy = try Policy.of(try target())
        #expect(policy.summary.servers == 6)
        for warning in policy.warnings {
            let isKnown =
                ["is not enforced yet", "is not enforced everywhere", "asks for what is not known yet"].contains {
                    warning.what.contains($0)
                } || warning.what.contains("no `on_overdue:`")
            #expect(isKnown, "\(warning.what)")
        }
    }

    @Test("every key that the draft writes stands in it, but for those that a decision took away")
    func keys() throws {
        let listed = String(decoding: try Fixtures.bytes("target.keys"), as: UTF8.self).split(separator: "\n")
        #expect(listed.count > 150)
        let written = Self.paths(of: try YAMLDocument.read(try Fixtures.bytes("target.yaml")))
        for path in listed.map(String.init) where !written.contains(path) {
            let decision = Self.dropped[path]
            #expect(decision != nil, "\(path) stands in the draft and not in the fixture")
            if let decision { #expect(try target().contains("decisions 14 and \(decision)")) }
        }
        for path in Self.dropped.keys { #expect(!written.contains(path), "\(path) is there again") }
    }

    @Test("the list of its keys is that of the draft", .enabled(if: FileManager.default.fileExists(atPath: draft.path)))
    func listIsTheDrafts() throws {
        let root = try YAMLDocument.read([UInt8](try Data(contentsOf: Self.draft)))
        try Fixtures.expectGolden(Self.paths(of: root).sorted().joined(separator: "\n") + "\n", "target.keys")
    }

    @Test("its four assertions are proved, and none of them of nothing")
    func assertions() throws {
        let policy = try Policy.of(try target())
        let count = try target().components(separatedBy: "  - never:").count - 1
        #expect(count == 4)
        #expect(!policy.warnings.contains { $0.what.contains("never") })
    }

    /// Positive controls: changes after which an assertion does not hold any more.
    static let refuted = [
        ("edu: [receipts, to_device, device_lists, signing_keys]", "edu: [presence]", "edu: [presence]"),
        ("otherwise: refuse   ", "otherwise: alert, unknown: allow", "room_encrypted: false"),
        ("other_servers: [nato]", "other_servers: [nato, watch]", "other_servers_tier: [eu, eea, watch]"),
        ("- never: { author_tier: blocked }", "- never: { author_tier: own }", "author_tier: own"),
    ]

    @Test("an assertion of it that does not hold keeps it out of force", arguments: refuted)
    func controls(old: String, new: String, assertion: String) throws {
        let text = try target()
        try #require(text.contains(old))
        var changed = text.replacing(old, with: new.replacing(", unknown", with: "\n      unknown"), maxReplacements: 1)
        // Without labels no room of that tier is open at all.
        if old.contains("[nato]") { changed = changed.replacing("missing: refuse", with: "missing: allow") }
        // As long as nobody knows who is in a room, a tier that no room may have in it shuts them all.
        if old.contains("author_tier") { changed = changed.replacing("in_room: quarantine", with: "in_room: allow") }
        let errors = #expect(throws: PolicyErrors.self) { try Policy.of(changed) }
        let whats = errors?.diagnostics.map(\.what) ?? []
        #expect(whats.count == 1 && whats.allSatisfy { $0.contains("never") && $0.contains(assertion) }, "\(whats)")
    }

    /// `servers/[]/name` for each key; keys that are names of one's own stand in it, too.
    private static func paths(of node: YAMLNode, under prefix: String = "") -> Set<String> {
        switch node.content {
        case .scalar: return []
        case .sequence(let elements):
            return elements.reduce(into: []) { $0.formUnion(paths(of: $1, under: prefix + "[]/")) }
        case .mapping(let entries):
            return entries.reduce(into: []) { found, entry in
                found.insert(prefix + entry.key)
                found.formUnion(paths(of: entry.value, under: prefix + entry.key + "/"))
            }
        }
    }
}
