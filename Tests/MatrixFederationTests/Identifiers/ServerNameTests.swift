// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import TestKit
import Testing

@Suite("Server names: Appendices, Server Name")
struct ServerNameTests {
    @Test("the vectors are accepted, refused and taken apart as the specification says", .enabled(if: Shared.isPresent))
    func vectors() throws {
        let kinds: [ServerName.Kind: String] = [.dns: "dns", .ipv4: "ipv4", .ipv6: "ipv6"]
        var accepted = 0
        for vector in try Shared.vectors("server_names") {
            let text = try #require(vector["name"] as? String)
            let spec = try #require(vector["spec"] as? [String: Any])
            let name = try? ServerName(text)
            #expect((name != nil) == (spec["valid"] as? Bool), "\(vector["id"] ?? "") \(text)")
            guard let name else { continue }
            accepted += 1
            #expect(name.text == text)
            #expect(name.host == spec["host"] as? String, "\(text)")
            #expect(name.port.map { Int($0) } == spec["port"] as? Int, "\(text)")
            #expect(kinds[name.kind] == spec["kind"] as? String, "\(text)")
            #expect(name.isIPLiteral == (name.kind != .dns))
        }
        #expect(accepted > 30)
    }

    @Test(
        "says which byte broke the grammar",
        arguments: [
            ("", .length(0)), ("a b", .byte(0x20, offset: 1)), ("exa_mple", .byte(0x5F, offset: 3)),
            ("a..b", .label(offset: 2)), ("-a", .label(offset: 0)), ("a-.b", .label(offset: 0)),
            ("a:", .port(offset: 1)), ("a:65536", .port(offset: 1)), ("a:123456", .port(offset: 1)),
            ("a:8x", .byte(0x78, offset: 3)), ("a:+1", .byte(0x2B, offset: 2)), ("256.0.0.1", .address(offset: 0)),
            ("[::g]", .byte(0x67, offset: 3)), ("[1::2::3]", .address(offset: 0)), ("[::1", .address(offset: 0)),
            ("[::1]x", .byte(0x78, offset: 5)), ("bücher.example", .byte(0xC3, offset: 1)),
        ] as [(String, ServerName.Malformed)])
    func faults(text: String, fault: ServerName.Malformed) {
        #expect(throws: fault) { try ServerName(text) }
    }

    @Test(
        "AC-11 spellings of one host are different servers or none",
        arguments: [
            "Trusted.example", "trusted.example.", "trusted.example:8448", "trusted.example:443",
            "trusted.example:08448",
            " trusted.example", "trusted.example\0", "trusted.example\t",
        ])
    func spellings(text: String) throws {
        let trusted = try ServerName("trusted.example")
        #expect(try ServerName("trusted.example") == trusted)
        let other = try? ServerName(text)
        #expect(other != trusted)
        if let other { #expect(Set([trusted, other]).count == 2) }
    }

    @Test("AC-12 a name with a letter beyond ASCII is no name; its ASCII form is another name")
    func homographs() throws {
        for text in ["gоuv.example", "gouv.exampl\u{65}\u{301}", "ｇouv.example", "gouv。example"] {
            #expect(throws: ServerName.Malformed.self) { try ServerName(text) }
        }
        #expect(try ServerName("xn--guv-fcd.example") != ServerName("gouv.example"))
    }

    @Test(
        "IPv6 addresses are judged as the standard writes them",
        arguments: [
            ("::", true), ("::1", true), ("1::", true), ("1:2:3:4:5:6:7:8", true), ("1:2:3:4:5:6:7::", true),
            ("::2:3:4:5:6:7:8", true), ("1:2:3:4:5:6:1.2.3.4", true), ("::1.2.3.4", true), ("1::1.2.3.4", true),
            ("", false), (":", false), (":::", false), ("1", false), ("1:2:3:4:5:6:7", false), (":1::", false),
            ("1:2:3:4:5:6:7:8:9", false), ("1:2:3:4:5:6:7:8::", false), ("::1:2:3:4:5:6:7:8", false),
            ("1::2::3", false),
            ("12345::", false), ("::1.2.3", false), ("::1.2.3.4.5", false), ("::01.2.3.4", false),
            ("::1.2.3.256", false),
            ("1.2.3.4", false), ("::1.2.3.4:5", false), ("1:2:3:4:5:6:7:1.2.3.4", false), ("1:", false),
            ("::1:", false),
        ])
    func addresses(text: String, isAddress: Bool) {
        #expect(((try? ServerName("[\(text)]")) != nil) == isAddress)
    }
}
