// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
package import Transport

/// Signs lists of servers as a health network's directory does, well or badly.
package struct ListPublisher: Sendable {
    package let authority: CertificateAuthority
    package let identity: TLSIdentity
    package var algorithm = SignatureAlgorithm.es256
    /// As `alg` says it.
    package var algorithmName = "ES256"

    package init(
        authority: CertificateAuthority? = nil, key: PrivateKey.Kind = .p256, validity: CertificateValidity = .days(90),
        subject: String = "lists.health.example"
    ) throws {
        let authority = try authority ?? CertificateAuthority(name: "health root")
        self.authority = authority
        identity = try authority.issue(
            CertificateRequest(dnsNames: [subject], validity: validity, key: key))
    }

    /// What to trust, as PEM.
    package func roots() throws -> [UInt8] { try authority.pem() }

    /// The `x5c` member's value.
    package func certificates() throws -> String {
        let texts = try identity.chain.map { "\"\(Self.padded(try $0.der()))\"" }
        return "[\(texts.joined(separator: ","))]"
    }

    /// A signed list in compact form.
    ///
    /// - Parameters:
    ///   - header: JSON; `nil`: the algorithm's name and the certificates.
    package func sign(_ payload: String, header: String? = nil) throws -> [UInt8] {
        let header = try header ?? #"{"alg":"\#(algorithmName)","typ":"JWT","x5c":\#(certificates())}"#
        let input = Self.url(Array(header.utf8)) + "." + Self.url(Array(payload.utf8))
        let signature = try identity.key.signature(of: Array(input.utf8), algorithm)
        return Array((input + "." + Self.url(signature)).utf8)
    }

    package func list(_ names: [String], version: Int64 = 1, more: String = "") throws -> [UInt8] {
        try sign(Self.payload(names, version: version, more: more))
    }

    package static func payload(_ names: [String], version: Int64 = 1, more: String = "") -> String {
        let entries = names.map {
            #"{"domain":"\#($0)","telematikID":"1-2","isInsurance":false,"ik":[104212059],"timAnbieter":"A"}"#
        }
        return #"{"version":\#(version),"domainList":[\#(entries.joined(separator: ","))]\#(more)}"#
    }

    package static func url(_ bytes: [UInt8]) -> String { Base64.encode(bytes, .urlSafe) }

    /// Base64 with padding.
    package static func padded(_ bytes: [UInt8]) -> String {
        let text = Base64.encode(bytes)
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }
}
