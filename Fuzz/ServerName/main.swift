// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import MatrixFederation

// A name that is accepted is kept byte by byte, has only bytes of the grammar, and its parts make the whole.
fuzz { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    _ = try? UserID(text)
    _ = try? RoomID(text)
    _ = try? EventID(text)
    _ = try? RoomAlias(text)
    _ = try? KeyID(parsing: bytes.span)
    if let decoded = Base64.decode(bytes.span) {
        check(Base64.decode(Base64.encode(decoded)) == decoded, "base64 is read back")
    }
    guard let name = try? ServerName(parsing: bytes.span) else { return }
    check(Array(name.text.utf8) == bytes, "a name is kept as received")
    check(bytes.count <= ServerName.maxBytes, "a name is bounded")
    check(
        bytes.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || Array("-.:[]".utf8).contains(byte)
        }, "a name has only bytes of the grammar")
    let rest = bytes.dropFirst(name.host.utf8.count)
    check(rest.isEmpty == (name.port == nil), "what follows the host is a port")
    if let port = name.port {
        check(
            UInt16(String(decoding: rest.dropFirst(), as: UTF8.self)) == port, "the port is the number that is written")
    }
    check((try? UserID("@u:\(name.text)"))?.server == name || bytes.count > 252, "a user of the server names it")
}
