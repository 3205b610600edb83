// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine

/// A policy made by dice, requests made by dice, and the most obvious answer to whether one passes.
struct RandomBorder {
    struct Tier {
        var name: String
        var may: Set<EndpointClass>
        var edu: Set<EDUType>
    }

    enum Flaw: CaseIterable { case unsigned, wrongKey, otherTarget, otherDestination }

    struct Question: CustomStringConvertible {
        var endpoint: Endpoint
        var peer: String
        var flaw: Flaw?
        /// The servers of the events and the types of the EDUs of a transaction.
        var authors: [String] = []
        var edus: [EDUType] = []

        var description: String { "\(endpoint) by \(peer), \(flaw.map { "\($0)" } ?? "well"), \(authors), \(edus)" }
    }

    static let blocked = "blocked"
    let tiers: [Tier]
    let anonymous: Tier?
    let isShadow: Bool
    /// Each server and the name of its tier. One that is not listed has none.
    let servers: [(name: String, tier: String)]

    init(using dice: inout SeededDice) {
        func tier(_ name: String) -> Tier {
            // Wide and narrow tiers, so that both answers are common.
            let odds = Int.random(in: 1...9, using: &dice)
            func some<Element: CaseIterable & Hashable>(_: Element.Type) -> Set<Element> {
                Set(Element.allCases.filter { _ in Int.random(in: 0..<10, using: &dice) < odds })
            }
            return Tier(name: name, may: some(EndpointClass.self), edu: some(EDUType.self))
        }
        tiers = ["one", "two", "three"].map(tier)
        anonymous = Bool.random(using: &dice) ? tier("strangers") : nil
        isShadow = Int.random(in: 0..<4, using: &dice) == 0
        let names = ["one", "two", "three", "three", Self.blocked]
        servers = (0..<6).map { ("s\($0).example.net", names.randomElement(using: &dice) ?? Self.blocked) }
    }

    static func key(of server: String) -> UInt8 { 20 + (server.utf8.dropFirst().first ?? 0) % 16 }

    // MARK: Questions

    func question(using dice: inout SeededDice) -> Question {
        let names = servers.map(\.name) + ["unlisted.example.net"]
        func name() -> String { names.randomElement(using: &dice) ?? "" }
        let isTransaction = Int.random(in: 0..<3, using: &dice) == 0
        let endpoint = isTransaction ? .send : Endpoints.all.randomElement(using: &dice) ?? .send
        var question = Question(endpoint: endpoint, peer: name())
        if Int.random(in: 0..<4, using: &dice) == 0 { question.flaw = Flaw.allCases.randomElement(using: &dice) }
        if endpoint == .send {
            for _ in 0..<Int.random(in: 0...3, using: &dice) {
                question.authors.append(Bool.random(using: &dice) ? question.peer : name())
            }
            for _ in 0..<Int.random(in: 0...2, using: &dice) {
                if let type = EDUType.allCases.randomElement(using: &dice) { question.edus.append(type) }
            }
        }
        return question
    }

    // MARK: The obvious answer

    private func tier(of server: String) -> Tier? {
        servers.first { $0.name == server }.flatMap { listed in tiers.first { $0.name == listed.tier } }
    }

    func passes(_ question: Question) -> Bool {
        let endpointClass = question.endpoint.endpointClass
        if question.flaw == .unsigned {
            guard question.endpoint.authentication != .xMatrix, let endpointClass else { return false }
            return anonymous.map { $0.may.contains(endpointClass) } ?? [.discovery, .keys].contains(endpointClass)
        }
        // What nothing can grant is refused in every mode.
        guard question.flaw == nil, let endpointClass, let tier = tier(of: question.peer) else { return false }
        if isShadow { return true }
        guard tier.may.contains(endpointClass) else { return false }
        return question.authors.allSatisfy { self.tier(of: $0)?.may.contains(.send) ?? false }
            && question.edus.allSatisfy { tier.edu.contains($0) }
    }

    // MARK: In writing

    func yaml() throws -> String {
        func list(_ words: some Sequence<String>) -> String { "[" + words.sorted().joined(separator: ", ") + "]" }
        let tierLines = (tiers + [anonymous].compactMap(\.self)).map {
            "  \($0.name): { inbound: { may: \(list($0.may.map(\.rawValue))) }, edu: \(list($0.edu.map(\.rawValue))) }"
        }
        let serverLines = try servers.map {
            "  - { name: \($0.name), state: none, tier: \($0.tier), "
                + "keys: { \"ed25519:any\": \"\(try KeyFixtures.key(Self.key(of: $0.name)).base64)\" } }"
        }
        return """
            entente: 1
            policy: { id: random, serial: 1, mode: \(isShadow ? "shadow" : "enforce") }
            self: { state: FR, servers: [\(BorderPolicy.own)] }
            tiers:
              own: { may: [send] }
            \(tierLines.joined(separator: "\n"))
            assign: { unknown: blocked\(anonymous == nil ? "" : ", anonymous: strangers") }
            servers:
            \(serverLines.joined(separator: "\n"))
            """
    }

    /// The request and its body.
    func request(_ question: Question) throws -> (bytes: [UInt8], body: String?) {
        guard let sample = try LegitimateRequest(question.endpoint, from: question.peer, to: BorderPolicy.own) else {
            throw SampleEvent.NoIdentifier()
        }
        let body = question.endpoint == .send ? Self.transaction(question) : sample.body
        let key = Self.key(of: question.peer)
        let peer = BorderPeer(question.peer, key: question.flaw == .wrongKey ? key + 1 : key)
        let bytes = try peer.request(
            sample.method, sample.target, body, isSigned: question.flaw != .unsigned,
            signedTarget: question.flaw == .otherTarget ? sample.target + "x" : nil,
            signedDestination: question.flaw == .otherDestination ? "other.example.fr" : nil)
        return (bytes, body)
    }

    private static func transaction(_ question: Question) -> String {
        let user = "@u:\(question.peer)"
        let edus = question.edus.map { type in
            switch type {
            case .typing: SampleEvent.typing(of: user)
            case .presence: SampleEvent.presence(of: user)
            case .receipts: SampleEvent.receipt(of: user)
            case .toDevice: SampleEvent.toDevice(from: user, to: "@v:\(BorderPolicy.own)")
            case .deviceLists: SampleEvent.deviceList(of: user)
            case .signingKeys: SampleEvent.signingKey(of: user)
            }
        }
        return SampleEvent.transaction(
            from: question.peer, pdus: question.authors.map { SampleEvent.message(by: $0) }, edus: edus)
    }
}

/// SplitMix64: small, seeded, the same everywhere. Vigna, "splitmix64".
struct SeededDice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
