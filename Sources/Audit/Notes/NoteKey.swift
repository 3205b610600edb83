// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// The public key that a log's notes are checked with: `NAME+HEX+BASE64`, the form of Go's `sumdb/note`. C2SP signed-note.
package struct NoteKey: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let key: VerifyKey
    /// The first four bytes of SHA-256(name ‖ line feed ‖ 0x01 ‖ key).
    package let id: UInt32

    static let algorithm: UInt8 = 1

    package enum Malformed: Error, Equatable, Sendable {
        case form, name, key, id
    }

    package init(name: String, key: VerifyKey) throws(Malformed) {
        guard NoteName.isValid(name) else { throw .name }
        self.name = name
        self.key = key
        id = Self.id(name, Self.algorithm, key)
    }

    /// The first four bytes of SHA-256(name ‖ line feed ‖ algorithm ‖ key).
    static func id(_ name: String, _ algorithm: UInt8, _ key: VerifyKey) -> UInt32 {
        let digest = SHA256.hash(Array(name.utf8) + [0x0A, algorithm] + key.bytes).bytes
        return digest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// - Parameter text: white space around it is not minded.
    package init(parsing text: String) throws(Malformed) {
        let parts = try Self.parts(of: text, prefix: "")
        let key: VerifyKey
        do { key = try VerifyKey(parts.key.span) } catch { throw .key }
        try self.init(name: parts.name, key: key)
        guard id == parts.id else { throw .id }
    }

    /// The parts of `PREFIX NAME+HEX+BASE64`; the base64 is of the algorithm and 32 bytes.
    static func parts(
        of text: String, prefix: String, algorithm: UInt8 = NoteKey.algorithm
    ) throws(Malformed) -> (name: String, id: UInt32, key: [UInt8]) {
        guard text.utf8.count <= 1024 else { throw .form }
        let line = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        guard line.hasPrefix(prefix) else { throw .form }
        let parts = line.dropFirst(prefix.count).split(
            separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .form }
        let name = String(parts[0])
        guard NoteName.isValid(name) else { throw .name }
        guard parts[1].utf8.count == 8, parts[1].utf8.allSatisfy({ HexDigit.value($0) != nil }),
            let id = UInt32(parts[1], radix: 16)
        else { throw .id }
        guard let bytes = NoteBase64.decode(parts[2]), bytes.count == 33, bytes[0] == algorithm else { throw .key }
        return (name, id, Array(bytes[1...]))
    }

    static func hex(_ id: UInt32) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    package var description: String { "\(name)+\(Self.hex(id))+\(NoteBase64.encode([Self.algorithm] + key.bytes))" }
}

/// Lower-case hexadecimal digits.
enum HexDigit {
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
