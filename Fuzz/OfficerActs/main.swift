// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import MatrixFederation
import PolicyEngine

// What officers hand in and what a node keeps of it: acts, releases, registers. What is accepted is written anew and read the same.
fuzz { bytes in
    if let act = try? LockdownAct(parsing: bytes) {
        check((try? LockdownAct(parsing: act.bytes))?.bytes == act.bytes, "what is written is read the same")
        check(act.bytes.count == bytes.count, "each content has one spelling but for the order of signatures")
        check(bytes.starts(with: act.message), "what was signed is the beginning, byte for byte")
    }
    if let release = try? QuarantineRelease(parsing: bytes) {
        check(
            (try? QuarantineRelease(parsing: release.bytes))?.bytes == release.bytes, "what is written is read the same"
        )
        check(bytes.starts(with: release.message), "what was signed is the beginning, byte for byte")
        let answer = QuarantineCheck(
            release, QuarantineRegister(build: nil), node: "fr-1", trust: .unsigned, now: Timestamp(milliseconds: 0))
        check(answer.result == nil, "nothing is released that is in no register")
    }
    if let register = try? LockdownRegister(parsing: bytes) {
        check(register.bytes == bytes, "each register has one spelling")
    }
    if let register = try? QuarantineRegister(parsing: bytes) {
        check(register.bytes == bytes, "each register has one spelling")
        check(register.entries.count <= QuarantineRegister.maxEntries, "registers are bounded")
    }
}
