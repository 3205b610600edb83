// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Transport

@Suite("Server names: RFC 6066, section 3")
struct ServerNameTests {
    let credentials: Credentials

    init() throws { credentials = try Credentials.shared.get() }

    @Test("the exact name chooses its certificate, else the wildcard over one label")
    func choice() throws {
        let context = try credentials.server()
        for (name, identity) in [
            ("a.example", credentials.a), ("A.Example", credentials.a), ("b.example", credentials.b),
            ("x.wild.example", credentials.b),
        ] {
            let pair = try EmbeddedTLS(context, credentials.client(), peer: .dns(name))
            pair.pump()
            #expect(pair.clientSide.facts?.peerCertificateSPKI == identity.spki, "\(name)")
            #expect(pair.serverSide.facts?.serverName == name.lowercased())
        }
    }

    @Test(
        "AC-28 a name no certificate covers gets unrecognized_name",
        arguments: ["c.example", "wild.example", "x.y.wild.example", "example", "xa.example", "a.example.org"])
    func unknown(name: String) throws {
        let pair = try EmbeddedTLS(
            credentials.server { $0.absentSNI = .accept }, credentials.client(), peer: .dns(name))
        pair.pump()
        #expect(pair.serverSide.failures == [.serverNameUnknown(name)])
        #expect(pair.clientSide.failures == [.peerAlert(.unrecognizedName)])
        #expect(pair.serverSide.facts == nil)
    }

    @Test("AC-28 no name at all is refused unless accepting it is configured; then the first identity answers")
    func absent() throws {
        let refusing = try EmbeddedTLS(credentials.server(), credentials.client(), peer: .ip("127.0.0.1"))
        refusing.pump()
        #expect(refusing.serverSide.failures == [.serverNameAbsent])
        #expect(refusing.clientSide.failures == [.peerAlert(.unrecognizedName)])

        let accepting = try credentials.server {
            $0.identities.reverse()
            $0.absentSNI = .accept
        }
        let pair = try EmbeddedTLS(accepting, credentials.client(), peer: .ip("127.0.0.1"))
        pair.pump()
        #expect(pair.serverSide.facts != nil)
        #expect(pair.serverSide.facts?.serverName == nil)
        #expect(pair.clientSide.facts?.peerCertificateSPKI == credentials.b.spki)
    }

    @Test("identities of other key types stand beside each other, of the same type the first counts")
    func table() {
        let table = ServerNameTable(
            names: [["a"], ["a", "b"], ["a", "*.c.d"], ["x.c.d"]], types: [1, 2, 1, 1])
        #expect(table.groups[ServerNameTable.fallback] == [0, 1])
        #expect(table.group(for: "a").map { table.groups[$0] } == [0, 1])
        #expect(table.group(for: "b").map { table.groups[$0] } == [1])
        #expect(table.group(for: "x.c.d").map { table.groups[$0] } == [3])
        #expect(table.group(for: "y.c.d").map { table.groups[$0] } == [2])
        for none in ["", "c", "c.d", ".c.d", "z.y.c.d", "*.c.d.e", "a."] {
            #expect(table.group(for: none) == nil, "\(none)")
        }
    }

    @Test("only one host name, exactly as long as it says, is a server name")
    func parsing() {
        func parse(_ bytes: [UInt8]) -> ServerNameExtension { ServerNameExtension(parsing: bytes.span) }
        #expect(parse([0, 6, 0, 0, 3] + Array("a.B".utf8)) == .name("a.b"))
        #expect(parse([0, 10, 0, 0, 7] + Array("1.2.3.4".utf8)) == .address)
        let malformed: [[UInt8]] = [
            [], [0], [0, 0], [0, 3, 0, 0, 0], [0, 5, 0, 0, 3] + Array("a.b".utf8), [0, 7, 0, 0, 3] + Array("a.b".utf8),
            [0, 6, 1, 0, 3] + Array("a.b".utf8), [0, 6, 0, 0, 4] + Array("a.b".utf8),
            [0, 6, 0, 0, 2] + Array("a.b".utf8), [0, 6, 0, 0, 3, 0x61, 0, 0x62], [0, 6, 0, 0, 3, 0x61, 0x0A, 0x62],
            [0, 6, 0, 0, 3, 0x61, 0xC3, 0xA4], [0, 8, 0, 0, 1, 0x61, 0, 0, 1, 0x62],
            [1, 3, 0, 1, 0] + [UInt8](repeating: 0x61, count: 256),
        ]
        for bytes in malformed { #expect(parse(bytes) == .malformed, "\(bytes)") }
    }
}
