// SPDX-License-Identifier: Apache-2.0

import Gateway
import NIOCore
import NIOEmbedded
import Testing
import Transport

@Suite("The connected socket")
struct SocketGuardTests {
    private final class Watcher: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var isActive = false

        func channelActive(context: ChannelHandlerContext) { isActive = true }
    }

    private func connect(
        to remote: String, port: Int = 8448, dialling dialled: String, rules: AddressRules = AddressRules()
    ) throws -> (channel: EmbeddedChannel, isActive: Bool, fault: FetchFault?) {
        let verdict = SocketGuard.Verdict()
        let watcher = Watcher()
        let dial = Dial(address: try #require(IPAddress(dialled)), port: 8448)
        let channel = EmbeddedChannel()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(SocketGuard(dial: dial, rules: rules, timeout: .seconds(10), verdict: verdict))
        try pipeline.addHandler(watcher)
        channel.connect(to: try SocketAddress(ipAddress: remote, port: port), promise: nil)
        channel.embeddedEventLoop.run()
        return (channel, watcher.isActive, verdict.fault)
    }

    @Test("AC-44 AC-46 a socket that is connected elsewhere than asked for, or to an inner address, says nothing")
    func refuses() throws {
        let cases: [(String, Int, String)] = [
            ("10.0.0.1", 8448, "9.9.9.9"), ("127.0.0.1", 8448, "9.9.9.9"), ("9.9.9.8", 8448, "9.9.9.9"),
            ("9.9.9.9", 22, "9.9.9.9"), ("10.0.0.1", 8448, "10.0.0.1"), ("::1", 8448, "::1"),
            ("::ffff:10.0.0.1", 8448, "10.0.0.1"), ("fe80::1", 8448, "2a00::1"),
        ]
        for (remote, port, dialled) in cases {
            let result = try connect(to: remote, port: port, dialling: dialled)
            #expect(!result.isActive && !result.channel.isActive, "\(remote)")
            guard case .refusedAddress = result.fault else {
                Issue.record("\(remote): \(String(describing: result.fault))")
                continue
            }
        }
    }

    @Test("a socket that is connected to the checked address goes on (positive control)")
    func passes() throws {
        for (remote, dialled) in [("9.9.9.9", "9.9.9.9"), ("::ffff:9.9.9.9", "9.9.9.9"), ("2a00::1", "2a00::1")] {
            let result = try connect(to: remote, dialling: dialled)
            #expect(result.isActive && result.fault == nil, "\(remote)")
        }
        let rules = AddressRules(exceptions: [try #require(IPNetwork("10.0.0.0/8"))])
        #expect(try connect(to: "10.0.0.1", dialling: "10.0.0.1", rules: rules).isActive)
    }

    @Test("AC-49 the connection ends when the time is over")
    func timeout() throws {
        let verdict = SocketGuard.Verdict()
        let dial = Dial(address: IPAddress(v4: 0x0909_0909), port: 8448)
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(
            SocketGuard(dial: dial, rules: AddressRules(), timeout: .seconds(10), verdict: verdict))
        channel.connect(to: try SocketAddress(ipAddress: "9.9.9.9", port: 8448), promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(channel.isActive && verdict.fault == nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive && verdict.fault == .timeout)
    }
}
