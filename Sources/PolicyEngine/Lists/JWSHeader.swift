// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// How a list may be signed. Each fits one kind of key, so that no signature is read under another algorithm.
///
/// RFC 7518, section 3.1; RFC 8037. `BP256R1` is the name that German health services give to ES256 on brainpoolP256r1.
package enum JWSAlgorithm: String, CaseIterable, Hashable, Sendable {
    case es256 = "ES256"
    case es384 = "ES384"
    case bp256r1 = "BP256R1"
    case rs256 = "RS256"
    case ps256 = "PS256"
    case edDSA = "EdDSA"
}

/// The protected header of a signed list. RFC 7515, section 4.
///
/// Members that name keys elsewhere, embed them bare or demand an extension (`jku`, `jwk`, `x5u`, `crit`, `b64`) are refused,
/// and so is every member that is not known: nothing that could change the meaning is passed over.
package struct JWSHeader: Hashable, Sendable {
    package let algorithm: JWSAlgorithm
    /// DER, the signer's first; 1 to 10.
    package let certificates: [[UInt8]]
    let issued: Timestamp?
    let notBefore: Timestamp?
    let expires: Timestamp?

    static let maxBytes = 1 << 18
    static let maxCertificates = 10

    init(reading bytes: [UInt8]) throws(ListFault) {
        let json: JSONDocument
        do throws(JSONFault) {
            json = try JSONDocument(
                reading: bytes, limits: .init(maxBytes: Self.maxBytes, maxDepth: 4, maxValues: 256))
        } catch {
            throw .notJSON(part: "header", error.plainText)
        }
        let fields = JWSFields(json, part: "header")
        try fields.allow([
            "alg", "typ", "cty", "kid", "x5c", "x5t", "x5t#S256", "iat", "nbf", "exp", "sigT",
        ])
        for name in ["typ", "cty", "kid", "x5t"] { _ = try fields.text(name) }
        guard let name = try fields.text("alg") else {
            throw .value(part: "header", member: "alg", wanted: "the name of an algorithm")
        }
        guard let algorithm = JWSAlgorithm(rawValue: name) else { throw .algorithm(name) }
        self.algorithm = algorithm
        certificates = try Self.certificates(fields, json)
        if let hash = try fields.text("x5t#S256"), hash != SHA256.hash(certificates[0]).base64URL {
            throw .certificates("`x5t#S256` is not the hash of the first one")
        }
        let signed = try fields.instant("sigT")
        issued = try fields.seconds("iat") ?? signed
        notBefore = try fields.seconds("nbf")
        expires = try fields.seconds("exp")
    }

    /// RFC 7515, section 4.1.6: base64, not base64url, with padding.
    private static func certificates(_ fields: JWSFields, _ json: JSONDocument) throws(ListFault) -> [[UInt8]] {
        guard let list = fields.node("x5c"), json.kind(list) == .array else {
            throw .value(part: "header", member: "x5c", wanted: "a list of certificates")
        }
        let count = json.count(list)
        guard count >= 1, count <= maxCertificates else {
            throw .certificates("there are \(count), and 1 to \(maxCertificates) are accepted")
        }
        var certificates: [[UInt8]] = []
        for element in json.elements(of: list) {
            guard let text = json.decodedBytes(element), !text.isEmpty, text.count % 4 == 0,
                !text.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }),
                let certificate = Base64.decode(text.span)
            else { throw .certificates("one is not written in base64") }
            certificates.append(certificate)
        }
        return certificates
    }
}
