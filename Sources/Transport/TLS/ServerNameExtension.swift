// SPDX-License-Identifier: Apache-2.0

/// The server_name extension of a client hello. RFC 6066, section 3.
enum ServerNameExtension: Hashable {
    /// In lower case.
    case name(String)
    /// An IPv4 address, which is no host name though some clients send one: as good as no name.
    case address
    /// Not exactly one host name, or no host name at all.
    case malformed

    /// - Parameter bytes: the extension's content, without its type and length.
    init(parsing bytes: Span<UInt8>) {
        // One list (2 bytes of length) of one entry: type 0, 2 bytes of length, the name.
        guard bytes.count >= 6, bytes.count <= 260,
            Int(bytes[0]) << 8 | Int(bytes[1]) == bytes.count - 2,
            bytes[2] == 0,
            Int(bytes[3]) << 8 | Int(bytes[4]) == bytes.count - 5
        else {
            self = .malformed
            return
        }
        var name: [UInt8] = []
        name.reserveCapacity(bytes.count - 5)
        for index in 5..<bytes.count {
            let byte = bytes[index]
            guard Self.isNameByte(byte) else {
                self = .malformed
                return
            }
            name.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
        }
        let isAddress = name.allSatisfy { $0 == 0x2E || ($0 >= 0x30 && $0 <= 0x39) }
        self = isAddress ? .address : .name(String(decoding: name, as: UTF8.self))
    }

    /// Letters, digits, hyphen, dot; and the underscore, which is in use though no host name may have it.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    /// Whether a text can be asked for as a host name: 1 to 253 such bytes, no empty label.
    static func isHostName(_ text: String) -> Bool {
        var previous = UInt8(ascii: ".")
        for byte in text.utf8 {
            guard isNameByte(byte), byte != 0x2E || previous != 0x2E else { return false }
            previous = byte
        }
        return previous != 0x2E && text.utf8.count <= 253
    }
}
