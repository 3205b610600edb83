// SPDX-License-Identifier: Apache-2.0

/// A secret key under a pass-phrase: the key of the box is made by Argon2id (RFC 9106), the box by XChaCha20-Poly1305.
///
/// Both by libsodium. What stands beside the box is authenticated with it.
package struct PassphraseBox: Hashable, Sendable {
    /// What one guess costs. Stored beside the box, so that it can be raised for new ones.
    package struct Cost: Hashable, Sendable {
        /// Passes over the memory.
        package let operations: Int
        package let memoryBytes: Int

        /// libsodium's "moderate": about a second, 256 MiB.
        package static let moderate = Cost(operations: 3, memoryBytes: 256 << 20)

        /// - Returns: `nil` outside 1 to 10 passes and 8 MiB to 1 GiB: a file must not exhaust who reads it.
        package init?(checking operations: Int, memoryBytes: Int) {
            guard (1...10).contains(operations), (8 << 20...1 << 30).contains(memoryBytes) else { return nil }
            self.init(operations: operations, memoryBytes: memoryBytes)
        }

        private init(operations: Int, memoryBytes: Int) {
            self.operations = operations
            self.memoryBytes = memoryBytes
        }
    }

    package static let saltBytes = 16
    package static let nonceBytes = 24
    /// The seed of 32 bytes and the tag of 16.
    package static let sealedBytes = 48

    package let cost: Cost
    package let salt: [UInt8]
    package let nonce: [UInt8]
    package let sealed: [UInt8]

    /// - Returns: `nil` if a length is wrong.
    package init?(cost: Cost, salt: [UInt8], nonce: [UInt8], sealed: [UInt8]) {
        guard salt.count == Self.saltBytes, nonce.count == Self.nonceBytes, sealed.count == Self.sealedBytes else {
            return nil
        }
        self.cost = cost
        self.salt = salt
        self.nonce = nonce
        self.sealed = sealed
    }

    /// Puts a key into a new box.
    ///
    /// - Returns: `nil` if there is not enough memory, or libsodium cannot be made ready.
    package init?(
        sealing key: SigningKey, under passphrase: Passphrase, cost: Cost = .moderate, beside text: [UInt8]
    ) {
        guard let box = key.withSecret({ PassphraseBox($0, under: passphrase, cost, beside: text) }) else { return nil }
        self = box
    }

    /// Puts 32 secret bytes into a new box.
    ///
    /// - Returns: `nil` if there is not enough memory, or libsodium cannot be made ready.
    package init?(
        sealing key: SecretKey, under passphrase: Passphrase, cost: Cost = .moderate, beside text: [UInt8]
    ) {
        self.init(key.secret, under: passphrase, cost, beside: text)
    }

    private init?(_ secret: SecretBytes, under passphrase: Passphrase, _ cost: Cost, beside text: [UInt8]) {
        guard Sodium.isReady else { return nil }
        var salt = [UInt8](repeating: 0, count: Self.saltBytes)
        var nonce = [UInt8](repeating: 0, count: Self.nonceBytes)
        Sodium.randomize(&salt)
        Sodium.randomize(&nonce)
        guard let boxKey = Sodium.boxKey(from: passphrase.secret, salt: salt, cost),
            let sealed = Sodium.seal(seedOf: secret, boxKey, nonce: nonce, beside: text)
        else { return nil }
        self.init(cost: cost, salt: salt, nonce: nonce, sealed: sealed)
    }

    /// The key; `nil` if the pass-phrase is wrong, or box or text are not those that were made.
    package func open(with passphrase: Passphrase, beside text: [UInt8], keyID: KeyID) -> SigningKey? {
        guard let boxKey = Sodium.boxKey(from: passphrase.secret, salt: salt, cost),
            var seed = Sodium.open(sealed, boxKey, nonce: nonce, beside: text)
        else { return nil }
        defer { Sodium.wipe(&seed) }
        return try? SigningKey(seed: seed.span, keyID: keyID)
    }

    /// The 32 bytes; `nil` if the pass-phrase is wrong, or box or text are not those that were made.
    package func open(with passphrase: Passphrase, beside text: [UInt8]) -> SecretKey? {
        guard let boxKey = Sodium.boxKey(from: passphrase.secret, salt: salt, cost),
            var bytes = Sodium.open(sealed, boxKey, nonce: nonce, beside: text)
        else { return nil }
        return SecretKey(taking: &bytes)
    }
}
