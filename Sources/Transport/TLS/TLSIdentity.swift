// SPDX-License-Identifier: Apache-2.0

/// A certificate chain and the key of its leaf: who this side is.
package struct TLSIdentity: Sendable {
    /// Leaf first.
    package let chain: [X509Certificate]
    package let key: PrivateKey

    /// - Parameters:
    ///   - certificates: PEM text, leaf first, then the intermediate authorities.
    ///   - key: PEM text without a password.
    /// - Throws: when one cannot be read. Whether the key fits is checked by the context.
    package init(certificates: [UInt8], key: [UInt8]) throws(OpenSSLFault) {
        chain = try X509Certificate.chain(pem: certificates)
        self.key = try PrivateKey(pem: key)
    }

    init(chain: [X509Certificate], key: PrivateKey) {
        self.chain = chain
        self.key = key
    }

    /// The chain as PEM text, leaf first.
    package func certificatePEM() throws(OpenSSLFault) -> [UInt8] {
        var text: [UInt8] = []
        for certificate in chain { try text.append(contentsOf: certificate.pem()) }
        return text
    }

    /// The key as unencrypted PEM text. The caller wipes it.
    package func keyPEM() throws(OpenSSLFault) -> [UInt8] { try key.pem() }

    /// The DNS names of the leaf, in lower case.
    package var dnsNames: [String] { chain.first?.dnsNames ?? [] }

    /// The hash of the leaf's public key.
    package var spki: SPKIHash? { chain.first?.spki }
}
