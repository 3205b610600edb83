// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension ServerList {
    /// Reads the payload of a list whose signature was verified.
    ///
    /// The form is that of the federation list of the German health network (gematik, `FederationList.json`): `version`,
    /// and `domainList`, whose entries have a `domain` and may say more about its owner, which is not looked at. `iat`,
    /// `nbf`, `exp`, `iss`, `sub` and `jti` may stand beside them. A list of hashes (`hashAlgorithm`) is refused.
    ///
    /// - Parameter signer: who signed it, from whoever verified that.
    package init(_ jws: CompactJWS, signedBy signer: ListSigner) throws(ListFault) {
        let json: JSONDocument
        do throws(JSONFault) {
            json = try JSONDocument(
                reading: jws.payload,
                limits: .init(maxBytes: CompactJWS.maxPayloadBytes, maxDepth: 8, maxValues: 2_000_000))
        } catch {
            throw .notJSON(part: "payload", error.plainText)
        }
        let fields = JWSFields(json, part: "payload")
        try fields.allow(["version", "domainList", "iat", "nbf", "exp", "iss", "sub", "jti"])
        guard let node = fields.node("version"), let version = json.integer(node), (0..<1 << 53).contains(version)
        else { throw .value(part: "payload", member: "version", wanted: "a whole number of 0 or more") }
        guard let list = fields.node("domainList"), json.kind(list) == .array else {
            throw .value(part: "payload", member: "domainList", wanted: "a list of servers")
        }
        var names: Set<ServerName> = []
        var entries = 0
        for entry in json.elements(of: list) {
            entries += 1
            guard entries <= Self.maxNames else { throw .tooManyNames(limit: Self.maxNames) }
            guard let domain = json.member("domain", of: entry), let bytes = json.decodedBytes(domain) else {
                throw .value(part: "payload", member: "domainList[\(entries)].domain", wanted: "a text")
            }
            names.insert(try Self.name(bytes[...], place: entries))
        }
        self.init(
            names: names, entries: entries, version: version, issued: try fields.seconds("iat") ?? jws.header.issued,
            notBefore: [try fields.seconds("nbf"), jws.header.notBefore].compactMap { $0 }.max(),
            expires: [try fields.seconds("exp"), jws.header.expires].compactMap { $0 }.min(), signer: signer,
            sha256: jws.sha256)
    }
}
