// SPDX-License-Identifier: Apache-2.0

import Glibc
import MatrixFederation
import PolicyEngine

// What a policy costs: compiling it, and deciding by it. CPU time of this process; prints one row for each size.

let states = "AT BE BG HR CY CZ DK EE FI DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split(separator: " ")

func text(servers: Int, exceptions: Int) -> String {
    var lines = [
        "entente: 1", "policy: { id: cost, serial: 1 }",
        "self: { state: FR, servers: [agent.example.fr, other.example.fr] }",
        "groups: { eu: [\(states.joined(separator: ", "))] }", "tiers:", "  own: { may: [send] }",
        "  eu: { may: [discovery, keys, join, send, history, devices, e2e_keys], edu: [receipts, to_device] }",
        "  blocked: { may: [] }", "assign: { eu: eu, unknown: blocked }", "servers:",
    ]
    for number in 0..<servers {
        lines.append("  - { name: s\(number).example.org, state: \(states[number % states.count]) }")
    }
    if exceptions > 0 { lines.append("exceptions:") }
    for number in 0..<exceptions {
        lines += [
            "  - id: exc-\(number)",
            "    between: [agent.example.fr, s\(number * servers / max(exceptions, 1)).example.org]",
            "    \(number % 2 == 0 ? "allow: [invite]" : "refuse: [history]")", "    until: 2030-01-01",
            "    reason: r",
            "    approved_by: [a]",
        ]
    }
    return lines.joined(separator: "\n") + "\n"
}

func cpuNanoseconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Pages that this process has in memory.
func residentPages() -> Int {
    var text = [UInt8](repeating: 0, count: 128)
    let file = unsafe open("/proc/self/statm", O_RDONLY)
    let count = unsafe text.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
    close(file)
    let fields = String(decoding: text.prefix(max(count, 0)), as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
}

/// The median of single measurements in nanoseconds of CPU for each of `count` calls.
func median(count: Int, samples: Int = 41, _ body: (Int) -> Void) -> Double {
    var costs: [Double] = []
    for sample in 0..<samples {
        let began = cpuNanoseconds()
        for index in 0..<count { body(sample &* count &+ index) }
        costs.append(Double(cpuNanoseconds() - began) / Double(count))
    }
    return costs.sorted()[samples / 2]
}

func rounded(_ value: Double, _ digits: Int = 2) -> String {
    let scale = digits == 2 ? 100.0 : 10.0
    return "\((value * scale).rounded() / scale)"
}

print(
    "| servers | exceptions | compile, ms | work out for a date, ms | decide a request, µs | memory grown by 1 M requests, pages |"
)
print("|---|---|---|---|---|---|")
var allowed = 0
for (servers, exceptions) in [(50, 5), (500, 50), (5000, 500), (50_000, 500)] {
    let source = text(servers: min(servers, 12_000), exceptions: exceptions)
    let bytes = Array(source.utf8)
    guard let policy = try? Policy.compile(bytes, fileName: "cost.yaml") else {
        print("| \(servers) | \(exceptions) | the policy does not compile |")
        continue
    }
    let compiling = median(count: 1, samples: 5) { _ in _ = try? Policy.compile(bytes, fileName: "cost.yaml") }
    let now = Timestamp(milliseconds: 1_800_000_000_000)
    let dating = median(count: 1, samples: 5) { index in
        _ = policy.under(Circumstances(now: now.advanced(byMilliseconds: Int64(index))))
    }
    guard let own = policy.ownServers.first else { continue }
    let names = policy.listedServers
    let classes = EndpointClass.allCases
    // One request: admission by name, its class, one event by another author, one EDU.
    func decide(_ index: Int) {
        let name = names[(index &* 7919) % names.count]
        guard case .admitted(let peer) = policy.admit(name, at: own) else { return }
        if policy.decide(peer, classes[index % classes.count], .inbound).isAllowed { allowed += 1 }
        let author = names[(index &* 104_729) % names.count]
        if policy.decideAuthor(author, eventType: "m.room.message", deliveredBy: peer, .inbound).isAllowed {
            allowed += 1
        }
        if policy.decideEDU(.receipts, from: peer, .inbound).isAllowed { allowed += 1 }
    }
    let deciding = median(count: 20_000, decide)
    let before = residentPages()
    for index in 0..<1_000_000 { decide(index) }
    print(
        "| \(names.count) | \(exceptions) | \(rounded(compiling / 1e6, 1)) | \(rounded(dating / 1e6, 1)) "
            + "| \(rounded(deciding / 1000)) | \(residentPages() - before) |")
}
print("\n\(allowed) permissions in all")
