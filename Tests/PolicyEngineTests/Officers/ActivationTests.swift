// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("What a node asks before a policy comes into force")
struct ActivationTests {
    private let fixture: OfficerFixture
    private let policy: Policy

    init() throws {
        fixture = try OfficerFixture()
        policy = try OfficerFixture.policy()
    }

    private func refusal(_ evidence: ActivationCheck.Evidence) throws -> String {
        let check = try fixture.check(policy, evidence)
        return check.refusals.map(\.description).joined(separator: "\n")
    }

    @Test("AC-100 missing, empty and malformed signatures come to the same: refused; two officers: accepted")
    func missing() throws {
        #expect(try refusal(.missing).hasPrefix("policy.yaml.sigs: there are no signatures; nothing was changed; let"))
        #expect(try refusal(.read(PolicySignatures())).contains("2 officers must sign, and nobody did"))
        #expect(
            try refusal(.malformed(.init(line: 3, what: "nonsense"))).hasPrefix("policy.yaml.sigs:3:1: no signature"))
        let signed = try fixture.check(policy, .read(fixture.signatures(["officer-c", "officer-a"], policy)))
        #expect(signed.refusals.isEmpty && signed.signers.map(\.text) == ["officer-a", "officer-c"])
    }

    @Test("AC-100 one officer is no quorum, nor is one who signs twice, under one name or two")
    func twice() throws {
        let one = try fixture.signatures(["officer-a"], policy)
        #expect(try refusal(.read(one)).contains("2 officers must sign, and `officer-a` did"))
        let doubled = try PolicySignatures(parsing: one.bytes + one.bytes)
        #expect(try refusal(.read(doubled)).contains("nobody did"))
        var renamed = one
        renamed.put(try fixture.signature("officer-a", policy), by: try OfficerFixture.name("officer-b"), serial: 42)
        let check = try fixture.check(policy, .read(renamed))
        #expect(check.signers.map(\.text) == ["officer-a"] && check.refusals.count == 1)
        #expect(check.warnings.count == 1 && check.warnings[0].what.contains("`officer-b` is not over these bytes"))
        // A doubled officer does not spoil two others.
        let three = try fixture.signatures(["officer-a", "officer-b", "officer-c"], policy).bytes + one.bytes
        let enough = try fixture.check(policy, .read(try PolicySignatures(parsing: three)))
        #expect(enough.refusals.isEmpty && enough.signers.map(\.text) == ["officer-b", "officer-c"])
    }

    @Test("AC-100 a key that the node does not pin counts for nothing")
    func unknownKey() throws {
        var signatures = try fixture.signatures(["officer-a"], policy)
        let stranger = try SigningKey.generate(keyID: KeyID("ed25519:x"))
        let made = stranger.signature(of: PolicySignatures.message(of: policy).span)
        signatures.put(made, by: try OfficerFixture.name("stranger"), serial: 42)
        signatures.put(made, by: try OfficerFixture.name("officer-b"), serial: 42)
        let check = try fixture.check(policy, .read(signatures))
        #expect(check.signers.map(\.text) == ["officer-a"] && check.warnings.count == 2 && !check.refusals.isEmpty)
        #expect(check.warnings.contains { $0.what == "`stranger` is not an officer of this node" })
    }

    @Test("AC-97 signatures are over the very bytes: of another policy, or after one byte changed, none counts")
    func otherBytes() throws {
        let text = OfficerFixture.text()
        let signatures = try fixture.signatures(["officer-a", "officer-b"], policy)
        for other in [text + "\n", text + "# note\n", text.replacing("DE: eu", with: "AT: eu"), " \n" + text] {
            let changed = try Policy.of(other)
            #expect(changed.serial == policy.serial)
            #expect(try !fixture.check(changed, .read(signatures)).refusals.isEmpty)
        }
        #expect(try fixture.check(Policy.of(text), .read(signatures)).refusals.isEmpty)
    }

    @Test("AC-97 signatures exchanged between two policies, or put under another serial, count for neither")
    func exchanged() throws {
        let next = try OfficerFixture.policy(serial: 43)
        let (ours, theirs) = (
            try fixture.signatures(["officer-a", "officer-b"], policy),
            try fixture.signatures(["officer-a", "officer-b"], next)
        )
        #expect(try refusal(.read(theirs)).contains("no signatures of serial 42, only of 43"))
        var moved = PolicySignatures()
        for entry in theirs.entries { moved.put(entry.signature, by: entry.officer, serial: 42) }
        #expect(try refusal(.read(moved)).contains("nobody did"))
        let both = PolicySignatures.union(ours, 42, theirs, 43)
        #expect(try fixture.check(policy, .read(both)).refusals.isEmpty)
        #expect(try fixture.check(next, .read(both)).refusals.isEmpty)
    }

    @Test("every flipped bit of a signature makes it worthless")
    func flipped() throws {
        let signature = try fixture.signature("officer-b", policy).bytes
        for bit in stride(from: 0, to: 512, by: 7) {
            var bytes = signature
            bytes[bit / 8] ^= 1 << (bit % 8)
            var signatures = try fixture.signatures(["officer-a"], policy)
            let altered = Signature(bytes.span)
            signatures.put(try #require(altered), by: try OfficerFixture.name("officer-b"), serial: 42)
            #expect(try fixture.check(policy, .read(signatures)).signers.count == 1)
        }
    }

    @Test("AC-100 a policy may ask for more officers than the node, and never for fewer or for strangers")
    func ownQuorum() throws {
        func check(_ quorum: String, _ officers: [String]) throws -> [String] {
            let policy = try OfficerFixture.policy("quorum: { \(quorum) }")
            return try fixture.check(policy, .read(fixture.signatures(officers, policy))).refusals.map(\.what)
        }
        let all = ["officer-a", "officer-b", "officer-c"]
        let named = "of: [officer-a, officer-b, officer-c]"
        #expect(try check("need: 3, \(named)", all).isEmpty)
        #expect(try check("need: 3, \(named)", ["officer-a", "officer-b"]).count == 1)
        #expect(try check("need: 2, of: [officer-a, officer-b]", ["officer-a", "officer-b"]).isEmpty)
        #expect(try check("need: 2, of: [officer-a, officer-b]", ["officer-a", "officer-c"]).count == 1)
        #expect(try check("need: 2, of: [officer-a, nobody]", all).contains { $0.contains("`nobody`") })
        let strict = try OfficerFixture(need: 3)
        let policy = try OfficerFixture.policy("quorum: { need: 2, \(named) }")
        let refusals = try strict.check(policy, .read(strict.signatures(all, policy))).refusals
        #expect(refusals.map(\.what) == ["the policy's quorum of 2 is below this node's, 3"])
    }

    @Test("AC-100 a node of unsigned policies refuses one that asks for a quorum")
    func unsignedNode() throws {
        func check(_ header: String) throws -> Int {
            ActivationCheck(
                try OfficerFixture.policy(header), .missing, signatureFile: "s",
                .init(trust: .unsigned, floor: nil, now: Timestamp(milliseconds: 0)), meanwhile: "m"
            ).refusals.count
        }
        #expect(try check("quorum: { need: 2, of: [officer-a, officer-b] }") == 1)
        #expect(try check("") == 0)
    }

    @Test("AC-99 an older policy, validly signed, is refused; the same one again and a newer one are not")
    func rollback() throws {
        func refusals(_ policy: Policy, floor: Policy?) throws -> [String] {
            let signed = try fixture.signatures(["officer-a", "officer-b"], policy)
            return try fixture.check(policy, .read(signed), floor: floor.map { PolicyFloor($0) }).refusals.map(\.what)
        }
        let newer = try OfficerFixture.policy(serial: 43)
        let altered = try Policy.of(OfficerFixture.text() + "# altered\n")
        #expect(try refusals(policy, floor: newer) == ["serial 42 is older than 43, which was in force on this node"])
        #expect(
            try refusals(altered, floor: policy).first?.hasPrefix("serial 42 was in force with other content") == true)
        #expect(try refusals(policy, floor: policy).isEmpty)
        #expect(try refusals(newer, floor: policy).isEmpty)
        #expect(try refusals(policy, floor: nil).isEmpty)
        let renamed = try Policy.of(OfficerFixture.text(serial: 41).replacing("id: test", with: "id: other"))
        #expect(try refusals(renamed, floor: policy).count == 1, "another id is no way round")
    }

    @Test("AC-99 `previous` must be the hash of the policy that was in force")
    func previous() throws {
        func refusals(_ hash: Digest, floor: Policy?) throws -> [String] {
            let policy = try OfficerFixture.policy(serial: 43, "previous: \"sha256:\(hash.hex)\"")
            let signed = try fixture.signatures(["officer-a", "officer-b"], policy)
            return try fixture.check(policy, .read(signed), floor: floor.map { PolicyFloor($0) }).refusals.map(\.what)
        }
        #expect(try refusals(policy.sha256, floor: policy).isEmpty)
        #expect(try refusals(policy.sha256, floor: nil).isEmpty, "there is nothing to compare it with")
        let other = try refusals(SHA256.hash([1]), floor: policy)
        #expect(other.count == 1 && other[0].contains("the policy follows one with sha256"))
    }

    @Test("AC-101 before `not_before` and after `expires` a policy is not taken; what was in force before may expire")
    func dates() throws {
        let policy = try OfficerFixture.policy("not_before: 2026-12-01T06:00:00Z, expires: 2027-03-01T00:00:00Z")
        let signed = try fixture.signatures(["officer-a", "officer-b"], policy)
        func refusals(_ now: String, floor: PolicyFloor? = nil) throws -> [String] {
            try fixture.check(policy, .read(signed), floor: floor, at: now).refusals.map(\.what)
        }
        #expect(
            try refusals("2026-12-01T05:59:59Z") == [
                "the policy may not be in force before 2026-12-01T06:00:00Z, and it is 2026-12-01T05:59:59Z"
            ])
        #expect(try refusals("2026-12-01T06:00:00Z").isEmpty)
        #expect(try refusals("2027-02-28T23:59:59Z").isEmpty)
        #expect(try refusals("2027-03-01T00:00:00Z") == ["the policy expired at 2027-03-01T00:00:00Z"])
        #expect(try refusals("2027-03-01T00:00:00Z", floor: PolicyFloor(policy)).isEmpty)
    }

    @Test("a floor is read as it was written, and nothing else is")
    func floor() throws {
        let floor = PolicyFloor(policy)
        #expect(PolicyFloor(parsing: floor.bytes) == floor)
        let text = String(decoding: floor.bytes, as: UTF8.self)
        for bad in [
            "", text + text, String(text.dropLast()), text.replacing("42", with: "042"),
            text.replacing("42", with: "0"),
            text.replacing("sha256 ", with: "sha256 A"), text.replacing("serial", with: "Serial"), text + "\0",
            String(repeating: "a", count: 300),
        ] { #expect(PolicyFloor(parsing: Array(bad.utf8)) == nil, "\(bad)") }
    }
}
