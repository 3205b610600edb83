// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Transport

@testable import Gateway

@Suite("A closed network's resolver, on loopback")
struct NetworkResolverTests {
    /// A name server that answers A and SRV questions about what it knows, and says that nothing else exists.
    private final class NameServerHandler: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias OutboundOut = AddressedEnvelope<ByteBuffer>

        let asked = Mutex<[String]>([])

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            let message = Array(envelope.data.readableBytesView)
            guard message.count > 16 else { return }
            var labels: [String] = []
            var at = 12
            while at < message.count, message[at] > 0, at + 1 + Int(message[at]) < message.count {
                labels.append(String(decoding: message[(at + 1)...(at + Int(message[at]))], as: UTF8.self))
                at += 1 + Int(message[at])
            }
            guard at + 4 < message.count else { return }
            let name = labels.joined(separator: ".")
            asked.withLock { $0.append(name) }
            let type = message[at + 2]
            let question = message[12...(at + 4)]
            var answer: [UInt8] = []
            if type == 1, name == "hq.closed.test" { answer = [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 99, 0, 7] }
            if type == 33, name == "_matrix-fed._tcp.hq.closed.test" {
                answer = [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 9, 0, 1, 0, 2, 0x20, 0xFB, 1, 0x61, 0]
            }
            let exists = !answer.isEmpty || name.hasSuffix("hq.closed.test")
            var bytes =
                Array(message[0..<2]) + [0x81, exists ? 0x80 : 0x83, 0, 1, 0, answer.isEmpty ? 0 : 1, 0, 0, 0, 0]
            bytes += question + answer
            context.writeAndFlush(
                wrapOutboundOut(
                    AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: bytes))),
                promise: nil)
        }
    }

    private func resolving(_ host: String, _ body: (SystemResolver, NameServerHandler) async throws -> Void)
        async throws
    {
        let group = MultiThreadedEventLoopGroup.singleton
        let handler = NameServerHandler()
        let channel = try await DatagramBootstrap(group: group)
            .channelInitializer { $0.pipeline.addHandler(handler) }
            .bind(host: host, port: 0).get()
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        let address = try #require(IPAddress(host))
        let port = UInt16(try #require(channel.localAddress?.port))
        let made = NameServers([NameServer(address: address, port: port)])
        let servers = try #require(made)
        let resolver = SystemResolver(threads: threads, loop: group.next(), servers: servers)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(resolver, handler))
        } catch {
            result = .failure(error)
        }
        try await threads.shutdownGracefully()
        try await channel.close()
        try result.get()
    }

    @Test("names are asked of its name servers alone, by their own address and port", arguments: ["127.0.0.1", "::1"])
    func asks(host: String) async throws {
        try await resolving(host) { resolver, server in
            let found = try await resolver.addresses(of: "hq.closed.test")
            #expect(found.addresses.map(\.description) == ["10.99.0.7"] && !found.isAlias)
            let records = try await resolver.services("_matrix-fed._tcp.hq.closed.test")
            #expect(records == [SRVRecord(priority: 1, weight: 2, port: 8443, target: "a")])
            #expect(server.asked.withLock { $0 }.contains("hq.closed.test"))
        }
    }

    @Test("what its name servers do not know does not exist, whatever the system's or the hosts file say")
    func nothingElse() async throws {
        try await resolving("127.0.0.1") { resolver, server in
            // In every hosts file.
            await #expect(throws: ResolutionFault.none) { try await resolver.addresses(of: "localhost") }
            #expect(server.asked.withLock { $0 }.contains("localhost"))
        }
    }

    @Test("there is never an empty list of name servers, which would mean the system's")
    func count() {
        let one = NameServer(address: IPAddress(v4: 1))
        #expect(NameServers([]) == nil)
        #expect(NameServers([one, one, one, one]) == nil)
        #expect(NameServers([one, one, one])?.all.count == 3)
    }

    @Test("hostile answers about addresses are refused whole")
    func hostile() {
        let name: [UInt8] = [2, 104, 113, 4, 116, 101, 115, 116, 0]
        func message(
            _ answers: [[UInt8]], question: [UInt8]? = nil, flags: [UInt8] = [0x81, 0x80], type: UInt8 = 1
        ) -> [UInt8] {
            [1, 2] + flags + [0, 1, 0, UInt8(answers.count), 0, 0, 0, 0] + (question ?? name) + [0, type, 0, 1]
                + answers.flatMap(\.self)
        }
        func record(_ owner: [UInt8], type: UInt8 = 1, _ data: [UInt8]) -> [UInt8] {
            owner + [0, type, 0, 1, 0, 0, 0, 60, 0, UInt8(data.count)] + data
        }
        func read(_ bytes: [UInt8]) -> Result<ResolvedHost, ResolutionFault> {
            SystemResolver.addresses(inAnswer: bytes, to: "hq.test")
        }
        let good = record(name, [10, 99, 0, 7])
        #expect(read(message([good])) == .success(ResolvedHost(addresses: [IPAddress(v4: 0x0A63_0007)])))
        let other: [UInt8] = [1, 120, 4, 116, 101, 115, 116, 0]
        // Another question, a query, a cut answer, a short address, no bytes at all.
        #expect(read(message([good], question: other)) == .failure(.malformed))
        #expect(read(message([good], flags: [0x01, 0])) == .failure(.malformed))
        #expect(read(message([good], flags: [0x83, 0x80])) == .failure(.malformed))
        #expect(read(message([record(name, [10, 99, 0])])) == .failure(.malformed))
        #expect(read(message([good], type: 28)) == .failure(.malformed))
        #expect(read([]) == .failure(.malformed))
        #expect(read(Array(message([good]).dropLast())) == .failure(.malformed))
        // Records of other names are not the host's; an alias is followed and noticed.
        #expect(read(message([record(other, [10, 0, 0, 1])])) == .failure(.none))
        let alias = read(message([record(name, type: 5, other), record(other, [10, 0, 0, 1])]))
        #expect(alias == .success(ResolvedHost(addresses: [IPAddress(v4: 0x0A00_0001)], isAlias: true)))
        #expect(read(message([], flags: [0x81, 0x83])) == .failure(.none))
        #expect(read(message([], flags: [0x81, 0x82])) == .failure(.unavailable))
    }
}
