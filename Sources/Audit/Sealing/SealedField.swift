// SPDX-License-Identifier: Apache-2.0

/// What a record holds that only the auditors can read.
package struct SealedField: Hashable, Sendable {
    /// The most that is sealed for one record. Bytes.
    package static let clearLimit = 16 << 10

    /// Which slice key opens it. Says nothing about the key, and no other key has it.
    package let key: Reference
    /// Nonce of 24 bytes ‖ XChaCha20-Poly1305, with the 16 bytes of `key` authenticated beside it.
    package let box: [UInt8]

    package init(key: Reference, box: [UInt8]) {
        self.key = key
        self.box = box
    }
}

extension RecordEncoder {
    /// `"sealed":{"box":BASE64,"key":HEX}`, before `seq`.
    mutating func sealed(_ field: SealedField?) {
        guard let field else { return }
        object(#""sealed":{"#)
        base64(#""box":"#, field.box)
        reference(#""key":"#, field.key)
        close()
    }
}
