// SPDX-License-Identifier: Apache-2.0

import Testing
import Transport

@Suite("Address rules: IANA special-purpose address registries")
struct AddressRulesTests {
    private func refusal(_ text: String, _ rules: AddressRules = AddressRules()) throws -> AddressRules.Refusal? {
        rules.refusal(of: try #require(IPAddress(text), "\(text)"))
    }

    @Test(
        "AC-44 inner and special addresses are refused, and nothing beside their ranges",
        arguments: [
            ("0.0.0.0", "0.255.255.255"), ("10.0.0.0", "10.255.255.255"), ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"), ("169.254.0.0", "169.254.255.255"), ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"), ("192.0.2.0", "192.0.2.255"), ("192.88.99.0", "192.88.99.255"),
            ("192.168.0.0", "192.168.255.255"), ("198.18.0.0", "198.19.255.255"), ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"), ("224.0.0.0", "255.255.255.255"),
        ])
    func deniedV4(first: String, last: String) throws {
        #expect(try refusal(first) != nil)
        #expect(try refusal(last) != nil)
        let low = try #require(IPAddress(first)).bits
        let high = try #require(IPAddress(last)).bits
        if low > 0 { #expect(AddressRules().refusal(of: IPAddress(v4: UInt32(low - 1))) == nil) }
        if high < UInt32.max { #expect(AddressRules().refusal(of: IPAddress(v4: UInt32(high + 1))) == nil) }
    }

    @Test(
        "AC-44 inner and special IPv6 addresses are refused",
        arguments: [
            "::", "::1", "::2", "fc00::1", "fd12:3456::1", "fdff:ffff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1",
            "ff05::1:3", "2001:db8::1", "3fff::1", "3fff:0fff::1", "100::1", "100:0:0:1::1", "5f00::1", "2001:2::1",
            "2001:10::1", "2001:20::1", "2001:1::1", "4000::1", "1fff::1", "e000::1", "64:ff9b:1::808:808",
            "64:ff9b:2::1", "64:ff9c::1",
        ])
    func deniedV6(text: String) throws {
        #expect(try refusal(text) != nil)
    }

    @Test(
        "ordinary addresses pass (positive control)",
        arguments: [
            "1.1.1.1", "9.9.9.9", "11.0.0.1", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "192.0.1.1",
            "192.167.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2a00:1450::1", "2606:4700::1111",
            "2001:4860:4860::8888", "2003::1", "3ffe::1", "3fff:1000::1", "64:ff9b::101:101", "2002:101:101::1",
            "::ffff:1.1.1.1",
        ])
    func allowed(text: String) throws {
        #expect(try refusal(text) == nil)
    }

    @Test(
        "AC-45 an inner IPv4 address is refused in every wrapping",
        arguments: ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1"])
    func wrapped(inner: String) throws {
        let v4 = try #require(IPAddress(inner)).bits
        let wrappings: [(String, UInt128)] = [
            ("mapped", 0xFFFF << 32 | v4), ("compatible", v4), ("translated", 0xFFFF_0000 << 32 | v4),
            ("NAT64", UInt128(0x0064_FF9B) << 96 | v4), ("local NAT64", UInt128(0x0064_FF9B_0001) << 80 | v4),
            ("6to4", UInt128(0x2002) << 112 | v4 << 80 | 1),
            ("Teredo server", UInt128(0x2001_0000) << 96 | v4 << 64 | 0xFEFE_FEFE),
            ("Teredo client", UInt128(0x2001_0000) << 96 | UInt128(0x0101_0101) << 64 | (v4 ^ 0xFFFF_FFFF)),
        ]
        for (name, bits) in wrappings {
            #expect(AddressRules().refusal(of: IPAddress(v6: bits)) != nil, "\(name)")
        }
    }

    @Test("an exception opens its range and nothing else")
    func exceptions() throws {
        let rules = AddressRules(exceptions: [
            try #require(IPNetwork("10.20.0.0/16")), try #require(IPNetwork("fd00:1::/32")),
        ])
        #expect(try refusal("10.20.3.4", rules) == nil)
        #expect(try refusal("::ffff:10.20.3.4", rules) == nil)
        #expect(try refusal("fd00:1::9", rules) == nil)
        #expect(try refusal("10.21.0.1", rules) == .privateUse)
        #expect(try refusal("127.0.0.1", rules) == .loopback)
        #expect(try refusal("fd00:2::9", rules) == .privateUse)
        // A tunnel or translator to an excepted range is another road.
        #expect(try refusal("64:ff9b::a14:304", rules) == .privateUse)
        #expect(try refusal("2002:a14:304::1", rules) == .privateUse)
        #expect(try refusal("::a14:304", rules) == .privateUse)
    }

    @Test(
        "AC-45 a host whose last label is a number is no name",
        arguments: [
            "127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "0X7F000001", "017700000001", "01.02.03.04", "256.1.1.1",
            "1.2.3.4.5", "a.example.1", "a.0x", "a.0xff", "127.0.0.1", "127.0.0.1.", "", ".",
        ])
    func lookalikes(host: String) {
        #expect(NumericHost.isLookalike(host))
    }

    @Test(
        "an ordinary name is not taken for a number (positive control)",
        arguments: [
            "alpha.example", "1.example", "0x7f.example", "a.1a", "xn--bcher-kva.example", "a.0xg", "localhost", "0a",
        ])
    func names(host: String) {
        #expect(!NumericHost.isLookalike(host))
    }
}
