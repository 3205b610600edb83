// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import PolicyEngine

@Suite("AC-102 Who may tighten and who may loosen")
struct LockdownCheckTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private let keys: [SigningKey]
    private let policy: Policy
    private let trust: PolicyTrust
    private static let names = ["officer-a", "officer-b", "officer-c"].compactMap { OfficerName($0) }

    init() throws {
        keys = try Self.names.map { _ in try SigningKey.generate(keyID: KeyID("ed25519:officer")) }
        trust = .officers(
            OfficerQuorum(
                need: 2, officers: Dictionary(uniqueKeysWithValues: zip(Self.names, keys.map(\.verifyKey)))))
        policy = try Policy.of(
            """
            entente: 1
            policy: { id: p, serial: 1 }
            self: { state: FR, servers: [fr.example] }
            tiers: { own: { may: [send] } }
            assign: { unknown: blocked }
            lockdown:
              quiet: { refuse: [send], max: 72h }
              sever_state: { argument: state, max: 30d }
              pair: { refuse: [media], tighten_needs: 2, loosen_needs: 4, max: 1h }
            """)
    }

    private func check(
        _ act: LockdownAct, _ register: LockdownRegister = LockdownRegister(), by officers: [Int],
        at now: Timestamp = now,
        node: String = "fr-1", trust: PolicyTrust? = nil
    ) -> LockdownCheck {
        var act = act
        for index in officers { act.put(keys[index].signature(of: act.message.span), by: Self.names[index]) }
        return LockdownCheck(
            act, register, LockdownCheck.Facts(node: node, policy: policy, trust: trust ?? self.trust, now: now))
    }

    private func on(_ profile: String = "quiet", _ state: String? = nil, number: Int64 = 1, seconds: Int64 = 3600)
        -> LockdownAct
    {
        LockdownAct(
            node: "fr-1", LockdownInForce(profile: profile, state: state.flatMap { CountryCode($0) }),
            .on(number: number, seconds: seconds), handInBefore: Self.now.advanced(byMilliseconds: 86_400_000))
    }

    private func off(_ lifts: Int64 = 1) -> LockdownAct {
        LockdownAct(
            node: "fr-1", LockdownInForce(profile: "quiet"), .off(lifts: lifts),
            handInBefore: Self.now.advanced(byMilliseconds: 86_400_000))
    }

    private func tightened() throws -> LockdownRegister { try #require(check(on(), by: [0]).result) }

    @Test("AC-102 one officer puts it in force until now and its time; nobody, a stranger and a wrong key do not")
    func tighten() throws {
        let taken = check(on(), by: [1])
        #expect(taken.refusals.isEmpty && taken.signers.map(\.text) == ["officer-b"])
        let entry = try #require(taken.result?.entries.first)
        #expect(entry.until == Self.now.advanced(byMilliseconds: 3_600_000) && taken.result?.next == 2)
        #expect(check(on(), by: []).result == nil)
        var forged = on()
        let stranger = try SigningKey.generate(keyID: KeyID("ed25519:officer"))
        forged.put(stranger.signature(of: forged.message.span), by: Self.names[0])
        forged.put(stranger.signature(of: forged.message.span), by: try #require(OfficerName("mallory")))
        let refused = check(forged, by: [])
        #expect(refused.result == nil && refused.discounted.count == 2)
        #expect(check(forged, by: [2]).result != nil, "what does not count does not harm")
        #expect(check(on("pair"), by: [0]).result == nil && check(on("pair", seconds: 60), by: [0, 2]).result != nil)
    }

    @Test("AC-102 two officers end it, one does not, and the same one twice is one")
    func loosen() throws {
        let register = try tightened()
        #expect(check(off(), register, by: [0]).result == nil)
        var twice = off()
        let signature = keys[0].signature(of: twice.message.span)
        for _ in 0..<2 { twice.signatures.append(OfficerSignature(officer: Self.names[0], signature: signature)) }
        let refused = check(twice, register, by: [])
        #expect(refused.result == nil && refused.signers.count == 1)
        let ended = check(off(), register, by: [0, 2])
        #expect(ended.result?.entries == [] && ended.result?.next == 2)
    }

    @Test(
        "AC-102 an act counts once: handed in again, with another number, or after it was put in force anew it does not"
    )
    func replay() throws {
        let register = try tightened()
        #expect(check(on(), register, by: [0]).result == nil, "the same again")
        #expect(check(on(number: 3), register, by: [0]).result == nil, "from the future")
        let ended = try #require(check(off(), register, by: [0, 1]).result)
        #expect(check(off(), ended, by: [0, 1]).result == nil)
        #expect(check(on(), ended, by: [0]).result == nil, "the number is used up, in force or not")
        let anew = try #require(check(on(number: 2), ended, by: [0]).result)
        #expect(check(off(), anew, by: [0, 1]).result == nil)
        #expect(check(off(2), anew, by: [0, 1]).result != nil)
    }

    @Test("AC-102 an act for another node, one that is too old and one that could be handed in for years are refused")
    func place() {
        #expect(check(on(), by: [0], node: "fr-2").result == nil)
        #expect(check(on(), by: [0], at: Self.now.advanced(byMilliseconds: 86_399_000)).result != nil)
        #expect(check(on(), by: [0], at: Self.now.advanced(byMilliseconds: 86_400_000)).result == nil)
        #expect(check(on(), by: [0], at: Self.now.advanced(byMilliseconds: -7 * 86_400_000)).result == nil)
    }

    @Test("AC-102 it lasts no longer than `max`; prolonged it may be, not shortened")
    func length() throws {
        #expect(check(on(seconds: 72 * 3600), by: [0]).result != nil)
        #expect(check(on(seconds: 72 * 3600 + 1), by: [0]).result == nil)
        let register = try tightened()
        #expect(check(on(number: 2, seconds: 3599), register, by: [0]).result == nil)
        let longer = try #require(check(on(number: 2, seconds: 7200), register, by: [1]).result)
        #expect(longer.entries.count == 1 && longer.entries[0].number == 2)
        let end = longer.entries[0].until
        #expect(longer.ended(at: end.advanced(byMilliseconds: -1)).isEmpty && longer.ended(at: end).count == 1)
    }

    @Test("a profile that is not prepared, an argument too much or too few: each is said")
    func profile() {
        #expect(check(on("queit"), by: [0]).refusals.map(\.todo) == ["did you mean `quiet`?"])
        #expect(check(on("sever_state"), by: [0]).result == nil)
        #expect(check(on("quiet", "DE"), by: [0]).result == nil)
        #expect(check(on("sever_state", "DE"), by: [0]).result != nil)
        let hopeless = check(
            LockdownAct(
                node: "fr-1", LockdownInForce(profile: "pair"), .off(lifts: 1),
                handInBefore: Self.now.advanced(byMilliseconds: 1000)), by: [0, 1, 2])
        #expect(hopeless.refusals.contains { $0.todo.contains("the node names only 3 officers") })
    }

    @Test("where unsigned policies are accepted nobody has to sign, and nobody counts as signer")
    func unsigned() {
        let taken = check(on("pair"), by: [0], trust: .unsigned)
        #expect(taken.result != nil && taken.signers.isEmpty)
    }

    @Test("a policy that does not know a lockdown, or knows it with another argument, is told apart")
    func unknown() {
        let state = LockdownInForce(profile: "sever_state", state: CountryCode("DE"))
        #expect(policy.unknown([LockdownInForce(profile: "quiet"), state]).isEmpty)
        let wrong = [LockdownInForce(profile: "gone"), LockdownInForce(profile: "sever_state")]
        #expect(policy.unknown(wrong) == wrong)
    }

    @Test(
        "who names no server is touched by a lockdown of everybody, and keeps the minimum when that refuses everything")
    func anonymous() throws {
        let open = try Policy.of(
            """
            entente: 1
            policy: { id: p, serial: 1 }
            self: { state: FR, servers: [fr.example] }
            tiers: { own: { may: [send] }, public: { may: [keys, discovery, media] } }
            assign: { unknown: blocked, anonymous: public }
            lockdown:
              sever: { keep: [own], max: 72h }
              sever_state: { argument: state, max: 30d }
              quiet: { refuse: [keys], max: 1h }
              spare: { keep: [public], refuse: [media], max: 1h }
            """)
        func may(_ endpointClass: EndpointClass, _ lockdown: String) throws -> Bool {
            open.under(lockdowns: [try open.lockdown(lockdown)]).decideAnonymous(endpointClass, .inbound).isAllowed
        }
        #expect(try !may(.media, "sever") && may(.keys, "sever") && may(.discovery, "sever"))
        #expect(try may(.media, "sever_state:DE") && may(.media, "spare") && !may(.keys, "quiet"))
    }
}
