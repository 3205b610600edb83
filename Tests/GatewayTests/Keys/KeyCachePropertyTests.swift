// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import Testing

@Suite("Key cache under random traffic")
struct KeyCachePropertyTests {
    /// What an obvious evaluator remembers of a server.
    private struct Model {
        var keys: [KeyID: (VerifyKey, Timestamp)] = [:]
        var starts: [Timestamp] = []
    }

    @Test(
        "never answers a key that was not the server's latest, unexpired one, and never fetches too often",
        arguments: 1...4)
    func random(seed: UInt64) throws {
        var generator = Generator(state: seed)
        var limits = KeyCacheLimits()
        limits.maxConcurrentFetches = 3
        limits.maxQueuedFetches = 4
        limits.maxServers = 64
        var machine = KeyCacheMachine(limits: limits)
        let servers = try (0..<12).map { try ServerName("s\($0).example") }
        let ids = try (0..<4).map { try KeyID("ed25519:k\($0)") }
        var models: [ServerName: Model] = [:]
        var running: [ServerName] = []
        var now = KeyFixtures.start
        for step in 0..<1_500 {
            now = now.advanced(byMilliseconds: Int64(generator.next() % 600_000))
            let server = servers[Int(generator.next() % 12)]
            let id = ids[Int(generator.next() % 4)]
            func started(_ server: ServerName) {
                #expect(!running.contains(server), "seed \(seed) step \(step)")
                if let last = models[server]?.starts.last {
                    #expect(
                        now.milliseconds - last.milliseconds >= limits.minFetchInterval, "seed \(seed) step \(step)")
                }
                models[server, default: Model()].starts.append(now)
                running.append(server)
            }
            switch generator.next() % 4 {
            case 0, 1:
                let (answer, starts) = machine.lookup(server, id, now: now)
                if starts { started(server) }
                let known = models[server]?.keys[id]
                if case .known(.valid(let key)) = answer {
                    #expect(known?.0 == key && now <= (known?.1 ?? now), "seed \(seed) step \(step)")
                } else if let known {
                    #expect(now > known.1, "seed \(seed) step \(step): \(answer)")
                }
            case 2:
                if machine.request(server, now: now) == .start { started(server) }
            default:
                guard let done = running.indices.randomElement(using: &generator) else { continue }
                let server = running.remove(at: done)
                var result: Result<ServerKeys, KeyFetchFault> = .failure(.timeout)
                if generator.next() % 3 > 0 {
                    let end = now.advanced(byMilliseconds: Int64(generator.next() % 900_000_000))
                    let count = Int(generator.next() % 4) + 1
                    let keys = ids.prefix(count).map { ($0.text, UInt8(generator.next() % 5 + 1)) }
                    let document = try KeyFixtures.document(keys, of: server.text, validUntil: end, fetchedAt: now)
                    result = .success(document)
                    models[server]?.keys = document.current.mapValues { ($0, document.validUntil) }
                }
                if let next = machine.finished(server, result, now: now).next { started(next) }
            }
            #expect(machine.runningFetches == running.count)
            #expect(running.count <= 3 && machine.queuedFetches <= 4)
        }
    }

    /// SplitMix64: the same numbers for the same seed.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
