// SPDX-License-Identifier: Apache-2.0

/// Objects that carry their signatures: specification, Appendices, "Signing JSON".
package enum SignedJSON {
    /// What the signatures of an object cover: its canonical form without `signatures` and `unsigned`.
    package static func message(of node: JSONDocument.Node, in document: JSONDocument) -> [UInt8] {
        document.canonical(node, omitting: ["signatures", "unsigned"])
    }

    /// The signature that an object carries under a server's name and one of its keys; `nil` if it is missing or not 64
    /// bytes of base64. Not verified.
    package static func signature(
        on node: JSONDocument.Node, in document: JSONDocument, by server: ServerName, _ keyID: KeyID
    ) -> Signature? {
        guard let all = document.member("signatures", of: node),
            let own = document.member(server.text.utf8.span, of: all),
            let value = document.member(keyID.text.utf8.span, of: own), let text = document.decodedBytes(value)
        else { return nil }
        return Signature(base64: text.span)
    }
}
