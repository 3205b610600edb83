// SPDX-License-Identifier: Apache-2.0

import MatrixFederation

/// The servers of the border tests and a policy about them.
enum BorderPolicy {
    static let own = "hs.example.fr"
    /// May everything.
    static let partner = "hs.example.de"
    /// May send and nothing else, and deliver receipts only.
    static let reader = "hs.example.it"
    /// May everything but send, so it is no author either.
    static let mute = "hs.example.nl"
    static let blocked = "hs.example.ru"
    static let unknown = "hs.example.org"

    /// The number of each server's key.
    static let keys: [String: UInt8] = [partner: 1, reader: 2, mute: 3, blocked: 4, unknown: 5]

    static let everything = "[" + EndpointClass.allCases.map(\.rawValue).joined(separator: ", ") + "]"
    static let everyEDU = "[typing, receipts, presence, to_device, device_lists, signing_keys]"

    static func text(
        mode: String = "enforce", partnerMay: String = everything, anonymous: String = "[discovery, keys]"
    ) throws -> String {
        let pins = try keys.mapValues { try KeyFixtures.key($0).base64 }
        func server(_ name: String, _ state: String, _ tier: String) -> String {
            "  - { name: \(name), state: \(state), tier: \(tier), "
                + "keys: { \"ed25519:any\": \"\(pins[name] ?? "")\" } }\n"
        }
        let mute = EndpointClass.allCases.filter { $0 != .send }.map(\.rawValue).joined(separator: ", ")
        return """
            entente: 1
            policy: { id: border, serial: 7, mode: \(mode) }
            self: { state: FR, servers: [\(own)] }
            tiers:
              own: { may: [send] }
              partner: { inbound: { may: \(partnerMay) }, edu: \(everyEDU) }
              reader: { inbound: { may: [send] }, edu: [receipts] }
              mute: { inbound: { may: [\(mute)] }, edu: [] }
              strangers: { inbound: { may: \(anonymous) } }
            assign: { anonymous: strangers, unknown: blocked }
            servers:
            \(server(partner, "DE", "partner"))\(server(reader, "IT", "reader"))\(server(Self.mute, "NL", "mute"))\
            \(server(blocked, "RU", "blocked"))
            """
    }
}

/// Writes requests as a peer would, signed with its fixture key.
struct BorderPeer {
    let name: String
    /// Of the fixture key that it signs with.
    var keyNumber: UInt8

    init(_ name: String, key: UInt8? = nil) {
        self.name = name
        keyNumber = key ?? BorderPolicy.keys[name] ?? 9
    }

    /// - Parameters:
    ///   - isSigned: whether the request has credentials.
    ///   - signedTarget: what the signature covers in place of the target; `signedDestination` likewise, and the
    ///     credentials name it.
    func request(
        _ method: String, _ target: String, _ body: String? = nil, to destination: String = BorderPolicy.own,
        isSigned: Bool = true, signedTarget: String? = nil, signedDestination: String? = nil
    ) throws -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: \(destination)\r\nUser-Agent: peer\r\n"
        if isSigned {
            let document = try body.map { try JSONDocument(reading: Array($0.utf8)) }
            let header = SignedRequest.header(
                method: method.utf8.span, uri: (signedTarget ?? target).utf8.span, origin: try ServerName(name),
                destination: try ServerName(signedDestination ?? destination), content: document,
                by: try KeyFixtures.signingKey(keyNumber))
            var value: [UInt8] = []
            header.appendFieldValue(to: &value)
            head += "Authorization: \(String(decoding: value, as: UTF8.self))\r\n"
        }
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        return Array((head + "\r\n" + (body ?? "")).utf8)
    }

    func request(_ legitimate: LegitimateRequest, isSigned: Bool = true) throws -> [UInt8] {
        try request(legitimate.method, legitimate.target, legitimate.body, isSigned: isSigned)
    }
}
