// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// The last two lines of a key file: how the pass-phrase makes a key, and what is in the box.
extension PassphraseBox {
    /// - Parameter firstLine: the number of the first of the two, for messages.
    fileprivate init(
        parsing derivation: [String], _ secret: [String], firstLine: Int
    ) throws(MalformedLines) {
        guard derivation.count == 8, derivation[..<3] == ["passphrase", "argon2id13", "operations"],
            derivation[4] == "memory", derivation[6] == "salt", let operations = Self.number(derivation[3]),
            let memory = Self.number(derivation[5]), let salt = Self.bytes(derivation[7])
        else {
            throw MalformedLines(
                line: firstLine, what: "no `passphrase argon2id13 operations N memory BYTES salt SALT`")
        }
        guard let cost = Cost(checking: operations, memoryBytes: memory) else {
            throw MalformedLines(line: firstLine, what: "not 1 to 10 operations and 8 MiB to 1 GiB of memory")
        }
        guard secret.count == 6, secret[..<3] == ["secret", "xchacha20poly1305", "nonce"], secret[4] == "sealed",
            let nonce = Self.bytes(secret[3]), let sealed = Self.bytes(secret[5]),
            let box = PassphraseBox(cost: cost, salt: salt, nonce: nonce, sealed: sealed)
        else {
            throw MalformedLines(
                line: firstLine + 1,
                what: "no `secret xchacha20poly1305 nonce NONCE sealed SECRET`, or salt too short")
        }
        self = box
    }

    var lines: [UInt8] {
        Array(
            ("passphrase argon2id13 operations \(cost.operations) memory \(cost.memoryBytes) "
                + "salt \(Base64.encode(salt))\n"
                + "secret xchacha20poly1305 nonce \(Base64.encode(nonce)) sealed \(Base64.encode(sealed))\n").utf8)
    }

    /// One spelling: no sign, no leading zero.
    private static func number(_ text: String) -> Int? {
        guard text.utf8.count <= 12, let number = Int(text), String(number) == text, number >= 0 else { return nil }
        return number
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        Base64.decode(text).flatMap { Base64.encode($0) == text ? $0 : nil }
    }
}

/// The five lines of a file with a key under a pass-phrase: what it is, two that say whose, and the box.
struct KeyFileLines {
    private let lines: [[String]]

    /// - Parameter kind: whose keys these are, as the first line says it.
    init(_ kind: String, _ bytes: [UInt8], maxBytes: Int) throws(MalformedLines) {
        lines = try TextLines(bytes, maxBytes: maxBytes).lines
        guard lines.first == ["entente", kind, "key", "1"] else {
            throw MalformedLines(line: 1, what: "it does not begin with `entente \(kind) key 1`")
        }
        guard lines.count == 5 else { throw MalformedLines(line: 0, what: "it has not five lines") }
    }

    /// The second line or the third, as `read` has it.
    ///
    /// - Parameter form: what it should be, for the message.
    func value<Value>(
        ofLine number: Int, _ form: String, _ read: ([String]) -> Value?
    ) throws(MalformedLines) -> Value {
        guard let value = read(lines[number - 1]) else {
            throw MalformedLines(line: number, what: "no \(form)")
        }
        return value
    }

    func box() throws(MalformedLines) -> PassphraseBox {
        try PassphraseBox(parsing: lines[3], lines[4], firstLine: 4)
    }
}
