// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// An auditor's key as it lies in a file: the public part in the open, the secret one, or one share of it, under a pass-phrase.
///
///     entente auditor key 1
///     recipient age1…
///     part 1 of 2
///     passphrase argon2id13 operations 3 memory 268435456 salt BASE64
///     secret xchacha20poly1305 nonce BASE64 sealed BASE64
///
/// `part 1 of 1` is the whole key. Of two shares one is random and the other the key against it, bit by bit: who has one of them
/// has learnt nothing. The first three lines are authenticated with the secret.
package struct AuditorKeyFile: Hashable, Sendable {
    package static let maxBytes = 1024

    package enum Part: String, CaseIterable, Hashable, Sendable {
        case whole = "1 of 1"
        case first = "1 of 2"
        case second = "2 of 2"
    }

    package let recipient: SealRecipient
    package let part: Part
    private let box: PassphraseBox

    /// - Returns: `nil` if there is not enough memory for the pass-phrase's cost.
    package init?(
        _ secret: SecretKey, _ part: Part, of recipient: SealRecipient, under passphrase: Passphrase,
        cost: PassphraseBox.Cost = .moderate
    ) {
        guard
            let box = PassphraseBox(
                sealing: secret, under: passphrase, cost: cost, beside: Self.head(recipient, part))
        else { return nil }
        self.recipient = recipient
        self.part = part
        self.box = box
    }

    package init(parsing bytes: [UInt8]) throws(MalformedLines) {
        let lines = try KeyFileLines("auditor", bytes, maxBytes: Self.maxBytes)
        recipient = try lines.value(ofLine: 2, "`recipient age1…`") { words in
            words.value("recipient").flatMap { SealRecipient($0) }
        }
        part = try lines.value(ofLine: 3, "`part N of M` of one or two") { words in
            guard words.count == 4, words[0] == "part" else { return nil }
            return Part(rawValue: words[1...].joined(separator: " "))
        }
        box = try lines.box()
    }

    /// The file. Holds no secret in the open.
    package var bytes: [UInt8] { Self.head(recipient, part) + box.lines }

    /// The secret part or the share; `nil` if the pass-phrase is wrong or the file was altered, which look the same.
    package func unlock(with passphrase: Passphrase) -> SecretKey? {
        box.open(with: passphrase, beside: Self.head(recipient, part))
    }

    private static func head(_ recipient: SealRecipient, _ part: Part) -> [UInt8] {
        Array("entente auditor key 1\nrecipient \(recipient.text)\npart \(part.rawValue)\n".utf8)
    }
}

/// An auditor's secret key, whole, in memory.
package struct AuditorKey: Sendable {
    package let recipient: SealRecipient
    package let secret: SecretKey

    /// `nil` if there is no memory for it.
    package static func generate() -> AuditorKey? { SecretKey.generate().flatMap { AuditorKey($0) } }

    package init?(_ secret: SecretKey) {
        guard let key = secret.x25519PublicKey, let recipient = SealRecipient(key: key) else { return nil }
        self.recipient = recipient
        self.secret = secret
    }

    /// Of two shares; `nil` if they are not those of one key.
    package init?(_ first: SecretKey, _ second: SecretKey, of recipient: SealRecipient) {
        guard let secret = first.combined(with: second), let whole = AuditorKey(secret), whole.recipient == recipient
        else { return nil }
        self = whole
    }

    /// Two shares, each of which says nothing alone.
    package var shares: (first: SecretKey, second: SecretKey)? {
        guard let first = SecretKey.generate(), let second = secret.combined(with: first) else { return nil }
        return (first, second)
    }
}
