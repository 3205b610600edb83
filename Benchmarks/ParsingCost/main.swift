// SPDX-License-Identifier: Apache-2.0

import Audit
import Glibc
import MatrixFederation

// What it costs to note which request is being read, so that one that kills is known: a hash, and a slot that is held and let go of.
//
//     ENTENTE_BENCHMARKS=1 swift run --scratch-path .build-policy-cost -c release ParsingCost DIRECTORY

func cpuNanoseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

let directory = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "/tmp"
let slots = try ParsingSlots(in: directory)
let method = Array("PUT".utf8)
let target = Array("/_matrix/federation/v1/send/1700000000000-123456".utf8)
let body = SHA256.hash(Array("{}".utf8))
let rounds: Int64 = 2_000_000

func measure(_ name: String, _ work: () -> Void) {
    for _ in 0..<10_000 { work() }
    var best = Int64.max
    for _ in 0..<5 {
        let began = cpuNanoseconds()
        for _ in 0..<rounds { work() }
        best = min(best, cpuNanoseconds() - began)
    }
    print("\(name): \(best / rounds) ns")
}

var print32 = body
measure("hash of verb, target and the body's hash") {
    print32 = ParsingSlots.fingerprint(method: method.span, target: target.span, body: body)
}
measure("slot held and let go of") {
    slots.hold(print32, slot: 1)
    slots.release(slot: 1)
}
