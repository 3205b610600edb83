// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing
import Transport

@Suite("Addresses as text: RFC 4291 section 2.2, RFC 5952")
struct IPAddressTests {
    @Test(
        "well-formed addresses are read and written in one form",
        arguments: [
            ("192.0.2.10", "192.0.2.10"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("::ffff:192.0.2.1", "::ffff:c000:201"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("0:0:0:0:0:0:13.1.68.3", "::d01:4403"),
        ])
    func reads(text: String, written: String) throws {
        #expect(try #require(IPAddress(text)).description == written)
    }

    @Test(
        "what only a lenient resolver reads as an address is none",
        arguments: [
            "", ".", "1", "127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "01.02.03.04", "127.0.0.01", "256.1.1.1",
            "1.2.3", "1.2.3.4.5", "1.2.3.4.", ".1.2.3.4", "1..2.3", " 1.2.3.4", "1.2.3.4 ", "+1.2.3.4", "1.2.3.٤",
            ":", ":::", "1:", ":1", "1::2::3", "::1:", ":::1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::",
            "::1:2:3:4:5:6:7:8", "12345::", "g::", "fe80::1%eth0", "[::1]", "::1.2.3", "1.2.3.4::", "::1.2.3.4:1",
            "::ffff:01.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "-1::", "::1\u{0}", "2001:db8::1/64",
        ])
    func refuses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("every address survives being written and read again")
    func roundTrip() {
        var generator = SeededGenerator(seed: 0x1d)
        for _ in 0..<5_000 {
            var bits = UInt128(generator.next()) << 64 | UInt128(generator.next())
            // Runs of zeros are what the short form is about.
            for group in 0..<8 where generator.next() % 2 == 0 { bits &= ~(UInt128(0xFFFF) << UInt128(16 * group)) }
            let v6 = IPAddress(v6: bits)
            #expect(IPAddress(v6.description) == v6, "seed 0x1d, \(v6)")
            let v4 = IPAddress(v4: UInt32(truncatingIfNeeded: generator.next()))
            #expect(IPAddress(v4.description) == v4, "seed 0x1d, \(v4)")
        }
    }

    @Test("a socket's address and its port come back")
    func socket() throws {
        for text in ["127.0.0.1", "::1", "2001:db8::7"] {
            let address = try #require(IPAddress(text))
            let socket = try address.socketAddress(port: 8448)
            #expect(socket.port == 8448)
            #expect(IPAddress(socket) == address)
        }
    }

    @Test(
        "a network is read strictly",
        arguments: [
            "10.1.2.3/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "/8", "::/129", "10/8", "1.2.3.4/8/8",
            "10.0.0.0/-1",
        ])
    func refusesNetwork(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test("a network contains its addresses and no others")
    func network() throws {
        let ten = try #require(IPNetwork("10.0.0.0/8"))
        #expect(ten.contains(try #require(IPAddress("10.255.255.255"))))
        #expect(!ten.contains(try #require(IPAddress("11.0.0.0"))))
        #expect(!ten.contains(try #require(IPAddress("::a00:1"))))
        #expect(try #require(IPNetwork("::/0")).contains(try #require(IPAddress("ff02::1"))))
        #expect(try #require(IPNetwork("192.0.2.7")).prefix == 32)
        #expect(try #require(IPNetwork("2001:db8::1")).description == "2001:db8::1/128")
    }
}
