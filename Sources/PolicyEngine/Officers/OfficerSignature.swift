// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// An officer's signature under an act, as a line of its file: `officer NAME ed25519 SIGNATURE`.
package struct OfficerSignature: Hashable, Sendable {
    /// So many may stand under one act.
    static let most = 32

    package let officer: OfficerName
    package let signature: Signature
}

/// What officers sign to have one node do one thing, once. In its file their lines follow what they sign, byte for byte.
package protocol SignedAct: Hashable, Sendable {
    static var maxBytes: Int { get }

    /// What officers sign. It begins like that of no other kind of act.
    var message: [UInt8] { get }
    /// In no order.
    var signatures: [OfficerSignature] { get set }

    /// - Parameter bytes: the whole file; it has one spelling, anything else is refused.
    init(parsing bytes: [UInt8]) throws(MalformedLines)
}

extension SignedAct {
    /// The file, signatures sorted.
    package var bytes: [UInt8] {
        let lines = signatures.sorted { ($0.officer, $0.signature.base64) < ($1.officer, $1.signature.base64) }
            .map { "officer \($0.officer.text) ed25519 \($0.signature.base64)\n" }
        return message + Array(lines.joined().utf8)
    }

    /// Puts an officer's signature in the place of an earlier one of his.
    package mutating func put(_ signature: Signature, by officer: OfficerName) {
        signatures.removeAll { $0.officer == officer }
        signatures.append(OfficerSignature(officer: officer, signature: signature))
    }
}

extension LineReader {
    /// What remains: lines with officers' signatures.
    mutating func officers() throws(MalformedLines) -> [OfficerSignature] {
        var entries: [OfficerSignature] = []
        while !isAtEnd {
            guard entries.count < OfficerSignature.most else {
                throw MalformedLines(
                    line: 0, what: "it has more than \(OfficerSignature.most) signatures")
            }
            entries.append(
                try take("officer NAME ed25519 SIGNATURE") { words -> OfficerSignature? in
                    guard words.count == 4, words[0] == "officer", let officer = OfficerName(words[1]),
                        words[2] == "ed25519", let signature = Signature(standardBase64: words[3].utf8.span),
                        signature.base64 == words[3]
                    else { return nil }
                    return OfficerSignature(officer: officer, signature: signature)
                })
        }
        return entries
    }
}
