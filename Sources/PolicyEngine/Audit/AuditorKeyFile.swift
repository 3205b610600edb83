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

    package enum Malformed: Error, Hashable, Sendable {
        /// Not the five lines. `line`: counted from 1, 0 for the whole file.
        case form(line: Int, what: String)
    }

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

    package init(parsing bytes: [UInt8]) throws(Malformed) {
        let lines: [[String]]
        do throws(TextLines.Fault) {
            lines = try TextLines(bytes, maxBytes: Self.maxBytes).lines
        } catch {
            throw .form(line: error.line, what: error.what)
        }
        guard lines.first == ["entente", "auditor", "key", "1"] else {
            throw .form(line: 1, what: "it does not begin with `entente auditor key 1`")
        }
        guard lines.count == 5 else { throw .form(line: 0, what: "it has not five lines") }
        guard lines[1].count == 2, lines[1][0] == "recipient", let recipient = SealRecipient(lines[1][1]) else {
            throw .form(line: 2, what: "no `recipient age1…`")
        }
        guard lines[2].count == 4, lines[2][0] == "part",
            let part = Part(rawValue: lines[2][1...].joined(separator: " "))
        else { throw .form(line: 3, what: "no `part N of M` of one or two") }
        do throws(PassphraseBox.Malformed) {
            box = try PassphraseBox(parsing: lines[3], lines[4], firstLine: 4)
        } catch {
            throw .form(line: error.line, what: error.what)
        }
        self.recipient = recipient
        self.part = part
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
