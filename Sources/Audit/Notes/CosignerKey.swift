// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// The public key that a witness's cosignatures are checked with: `NAME+HEX+BASE64`, the base64 of 0x04 and 32 bytes.
/// C2SP tlog-cosignature, Ed25519.
package struct CosignerKey: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let key: VerifyKey
    /// The first four bytes of SHA-256(name ‖ line feed ‖ 0x04 ‖ key).
    package let id: UInt32

    static let algorithm: UInt8 = 4

    package init(name: String, key: VerifyKey) throws(NoteKey.Malformed) {
        guard NoteName.isValid(name) else { throw .name }
        self.name = name
        self.key = key
        id = NoteKey.id(name, Self.algorithm, key)
    }

    /// - Parameter text: white space around it is not minded.
    package init(parsing text: String) throws(NoteKey.Malformed) {
        let parts = try NoteKey.parts(of: text, prefix: "", algorithm: Self.algorithm)
        let key: VerifyKey
        do { key = try VerifyKey(parts.key.span) } catch { throw .key }
        try self.init(name: parts.name, key: key)
        guard id == parts.id else { throw .id }
    }

    package var description: String {
        "\(name)+\(NoteKey.hex(id))+\(NoteBase64.encode([Self.algorithm] + key.bytes))"
    }
}
