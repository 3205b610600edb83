// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import TestKit
import Testing

@testable import PolicyEngine

@Suite("Requests that the gateway died of")
struct QuarantineTests {
    private static let build = SHA256.hash([9])
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let poison = SHA256.hash([1])

    private func register(_ crashes: Int, at now: Timestamp = QuarantineTests.now) -> QuarantineRegister {
        var register = QuarantineRegister(build: Self.build)
        for _ in 0..<crashes { register = register.started(after: [Self.poison], build: Self.build, at: now) }
        return register
    }

    @Test(
        "AC-106 the second crash with one hash quarantines it, the first does not, and an orderly start changes nothing"
    )
    func twice() {
        #expect(register(1).quarantined(at: Self.now).isEmpty)
        #expect(register(1).entry(of: Self.poison)?.crashes == 1)
        #expect(register(2).quarantined(at: Self.now).map(\.request) == [Self.poison])
        let quiet = register(2).started(after: [], build: Self.build, at: Self.now)
        #expect(quiet == register(2))
        let other = register(1).started(after: [SHA256.hash([2])], build: Self.build, at: Self.now)
        #expect(other.quarantined(at: Self.now).isEmpty, "two requests once each are no poison")
    }

    @Test("AC-106 it lasts seven days or until another build runs, and a clock that was ahead does not prolong it")
    func ends() {
        let day: Int64 = 86_400_000
        let register = register(2)
        #expect(register.quarantined(at: Self.now.advanced(byMilliseconds: 7 * day - 1)).count == 1)
        #expect(register.quarantined(at: Self.now.advanced(byMilliseconds: 7 * day)).isEmpty)
        let later = Self.now.advanced(byMilliseconds: 8 * day)
        #expect(register.started(after: [], build: Self.build, at: later).entries.isEmpty)
        #expect(
            register.started(after: [], build: SHA256.hash([8]), at: Self.now).entries.isEmpty, "it may be repaired")
        #expect(register.started(after: [], build: nil, at: Self.now).entries.isEmpty)
        let before = Self.now.advanced(byMilliseconds: -day)
        #expect(register.started(after: [], build: Self.build, at: before).entries.isEmpty, "the clock was ahead")
    }

    @Test("AC-107 the store is bounded, keeps those that came again, and holds nothing but hashes, counts and times")
    func bounded() throws {
        var register = register(2)
        for number in 0..<1000 {
            let hash = SHA256.hash([UInt8(number & 255), UInt8(number >> 8), 7])
            register = register.started(after: [hash], build: Self.build, at: Self.now)
        }
        #expect(register.entries.count == QuarantineRegister.maxEntries)
        #expect(register.quarantined(at: Self.now).map(\.request) == [Self.poison])
        #expect(register.bytes.count <= QuarantineRegister.maxBytes)
        #expect(try QuarantineRegister(parsing: register.bytes) == register)
        let words = String(decoding: register.bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        let known: Set<Substring> = [
            "entente", "quarantine", "1", "2", "build", "request", "crashes", "last", "sha256",
        ]
        for word in words where !known.contains(word) {
            let isHash = word.count == 64 && word.allSatisfy(\.isHexDigit)
            #expect(isHash || StrictDate.end(String(word)) != nil, "\(word)")
        }
    }

    @Test("AC-106 a register that was damaged anywhere is none")
    func damaged() throws {
        let bytes = register(2).bytes
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(throws: MalformedLines.self) { try QuarantineRegister(parsing: other) }
        }
        #expect(throws: MalformedLines.self) { try QuarantineRegister(parsing: bytes + bytes) }
        #expect(throws: MalformedLines.self) { try QuarantineRegister(parsing: []) }
    }

    @Test("AC-107 a release fits one node, one request and its last crash, in its time, and once")
    func release() throws {
        func check(
            _ release: QuarantineRelease, _ register: QuarantineRegister, node: String = "fr-1",
            at now: Timestamp = QuarantineTests.now
        ) -> QuarantineCheck {
            QuarantineCheck(release, register, node: node, trust: .unsigned, now: now)
        }
        let end = Self.now.advanced(byMilliseconds: 3_600_000)
        let release = QuarantineRelease(node: "fr-1", request: Self.poison, crashed: Self.now, handInBefore: end)
        #expect(try QuarantineRelease(parsing: release.bytes) == release)
        let taken = check(release, register(2))
        #expect(taken.refusals.isEmpty && taken.result?.entries.isEmpty == true)
        #expect(check(release, register(2), node: "fr-2").result == nil)
        #expect(check(release, register(2), at: end).result == nil)
        #expect(check(release, register(2), at: Self.now.advanced(byMilliseconds: -8 * 86_400_000)).result == nil)
        #expect(check(release, register(1)).result == nil, "it is not in quarantine")
        #expect(check(release, QuarantineRegister(build: nil)).result == nil, "it was released before")
        let again = register(2).started(after: [Self.poison], build: Self.build, at: end)
        #expect(check(release, again, at: Self.now).result == nil, "the officers knew of another crash")
        let bytes = release.bytes
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 0x20
            if let read = try? QuarantineRelease(parsing: other) { #expect(read.bytes == other && read != release) }
        }
    }
}
