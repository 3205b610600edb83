// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import PolicyEngine

@Suite("Lockdown acts and the register as files")
struct LockdownActTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_500)

    static func on(_ profile: String = "quiet", _ state: String? = nil, number: Int64 = 1, seconds: Int64 = 3600)
        -> LockdownAct
    {
        LockdownAct(
            node: "fr-1", LockdownInForce(profile: profile, state: state.flatMap { CountryCode($0) }),
            .on(number: number, seconds: seconds), handInBefore: now.advanced(byMilliseconds: 86_400_000))
    }

    @Test("what is written is read again, and an act has one spelling")
    func roundTrip() throws {
        let key = try SigningKey.generate(keyID: KeyID("ed25519:officer"))
        var act = Self.on("sever_state", "DE")
        act.put(key.signature(of: act.message.span), by: try #require(OfficerName("officer-b")))
        act.put(key.signature(of: act.message.span), by: try #require(OfficerName("officer-a")))
        let text = String(decoding: act.bytes, as: UTF8.self)
        #expect(
            text.hasPrefix(
                "entente lockdown act 1\nnode fr-1\ndo on\nprofile sever_state\nargument DE\nnumber 1\nfor 3600\n"
                    + "hand-in-before 2027-01-16T08:00:00Z\nofficer officer-a ed25519 "))
        #expect(try LockdownAct(parsing: act.bytes).bytes == act.bytes)
        #expect(key.verifyKey.isValid(signature: act.signatures[0].signature, of: act.message))
    }

    @Test(
        "anything else is refused with its line",
        arguments: [
            ("", 1), ("entente lockdown act 2\n", 1), ("entente lockdown act 1\nnode a b\n", 2),
            ("entente lockdown act 1\nnode fr-1\ndo maybe\n", 3),
            ("entente lockdown act 1\nnode fr-1\ndo on\nprofile p\nargument de\n", 5),
            ("entente lockdown act 1\nnode fr-1\ndo on\nprofile p\nargument DE\nnumber 01\n", 6),
            ("entente lockdown act 1\nnode fr-1\ndo on\nprofile p\nargument DE\nnumber 0\n", 6),
            ("entente lockdown act 1\nnode fr-1\ndo on\nprofile p\nargument DE\nlifts 1\n", 6),
            ("entente lockdown act 1\nnode fr-1\ndo on\nprofile p\nargument DE\nnumber 1\nfor 99999999999\n", 7),
            (
                "entente lockdown act 1\nnode fr-1\ndo off\nprofile p\nargument none\nlifts 1\nhand-in-before 2027-01-01\n",
                7
            ),
            (
                "entente lockdown act 1\nnode fr-1\ndo off\nprofile p\nargument none\nlifts 1\n"
                    + "hand-in-before 2027-01-01T00:00:00Z\nofficer a ed25519 AAAA\n", 8
            ),
        ])
    func malformed(text: String, line: Int) {
        do throws(MalformedLines) {
            _ = try LockdownAct(parsing: Array(text.utf8))
            Issue.record("taken")
        } catch {
            #expect(error.line == line, "\(error)")
        }
    }

    @Test("every act that is cut short is refused, as is a register, and each of its bytes counts")
    func damaged() throws {
        let act = Self.on().bytes
        for count in 0..<act.count {
            #expect(throws: MalformedLines.self) { try LockdownAct(parsing: Array(act.prefix(count))) }
        }
        var register = LockdownRegister()
        for (index, name) in ["b", "a"].enumerated() {
            let entry = LockdownRegister.Entry(
                lockdown: LockdownInForce(profile: name), number: Int64(index + 1), since: Timestamp(milliseconds: 0),
                until: Timestamp(milliseconds: 1000))
            register = register.adding(entry)
        }
        let bytes = register.bytes
        #expect(try LockdownRegister(parsing: bytes) == register)
        #expect(register.lockdowns.map(\.profile) == ["a", "b"] && register.next == 3)
        #expect(try LockdownRegister(parsing: LockdownRegister().bytes) == LockdownRegister())
        for count in 0..<bytes.count {
            #expect(throws: MalformedLines.self) {
                try LockdownRegister(parsing: Array(bytes.prefix(count)))
            }
        }
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(throws: MalformedLines.self) { try LockdownRegister(parsing: other) }
        }
    }
}
