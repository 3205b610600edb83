// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import Testing

@Suite("SRV answers: RFC 1035 section 4, RFC 2782")
struct ServiceAnswerTests {
    private let name = "_matrix-fed._tcp.alpha.example"

    /// A DNS message under construction.
    private struct Message {
        var answers: [[UInt8]] = []
        var flags: UInt16 = 0x8180
        var question: String
        var type: UInt16 = 33

        static func name(_ text: String) -> [UInt8] {
            text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
        }

        static func number(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

        mutating func record(_ owner: String, type: UInt16 = 33, _ data: [UInt8]) {
            answers.append(
                Message.name(owner) + Message.number(type) + [0, 1, 0, 0, 0, 60] + Message.number(UInt16(data.count))
                    + data)
        }

        mutating func service(_ owner: String, port: UInt16, target: [UInt8], priority: UInt16 = 1, weight: UInt16 = 2)
        {
            record(owner, [priority, weight, port].flatMap(Message.number) + target)
        }

        var bytes: [UInt8] {
            [0x12, 0x34] + Message.number(flags) + [0, 1] + Message.number(UInt16(answers.count)) + [0, 0, 0, 0]
                + Message.name(question) + Message.number(type) + [0, 1] + answers.flatMap(\.self)
        }
    }

    private func read(_ bytes: [UInt8], limit: Int = 16) -> Result<[SRVRecord], ResolutionFault> {
        SystemResolver.services(inAnswer: bytes, to: name, limit: limit)
    }

    private func message(_ change: (inout Message) -> Void = { _ in }) -> [UInt8] {
        var message = Message(question: name)
        change(&message)
        return message.bytes
    }

    @Test("records are read with priority, weight, port and target")
    func good() {
        let bytes = message { message in
            message.service(name, port: 8448, target: Message.name("node.example"))
            message.service(name.uppercased(), port: 443, target: Message.name("b.example"), priority: 0, weight: 0)
        }
        #expect(
            read(bytes)
                == .success([
                    SRVRecord(priority: 1, weight: 2, port: 8448, target: "node.example"),
                    SRVRecord(priority: 0, weight: 0, port: 443, target: "b.example"),
                ]))
    }

    @Test("the root as target is kept as `.`")
    func root() {
        #expect(read(message { $0.service(name, port: 0, target: [0]) }).map { $0.map(\.target) } == .success(["."]))
    }

    @Test("the owner may be an alias, and records of other owners do not count")
    func alias() {
        let bytes = message { message in
            message.record(name, type: 5, Message.name("srv.other.example"))
            message.service("srv.other.example", port: 8448, target: Message.name("node.example"))
            message.service("stranger.example", port: 22, target: Message.name("evil.example"))
        }
        #expect(read(bytes).map { $0.map(\.target) } == .success(["node.example"]))
        #expect(
            read(message { $0.service("stranger.example", port: 22, target: Message.name("evil.example")) })
                == .failure(.none))
    }

    @Test("no such name and no such record are none, a failing server is unavailable")
    func none() {
        #expect(read(message()) == .failure(.none))
        #expect(read(message { $0.flags = 0x8183 }) == .failure(.none))
        #expect(read(message { $0.flags = 0x8182 }) == .failure(.unavailable))
        #expect(read(message { $0.flags = 0x8185 }) == .failure(.unavailable))
    }

    @Test("what is no strict answer to the question is refused")
    func malformed() {
        let target = Message.name("node.example")
        let hostile: [[UInt8]] = [
            [], [0], Array(repeating: 0, count: 11), Array(repeating: 0xFF, count: 512),
            message { $0.flags = 0x0100 },
            message { $0.flags = 0x8380 },
            message { $0.question = "_matrix-fed._tcp.bravo.example" },
            message { $0.type = 1 },
            message { $0.service(name, port: 1, target: []) },
            message { $0.record(name, [0, 1, 0, 2, 0]) },
            message { $0.service(name, port: 1, target: target + [0]) },
            message { $0.service(name, port: 1, target: Message.name("a b.example")) },
            message { $0.service(name, port: 1, target: Message.name("a\u{0}b.example")) },
            message { $0.service(name, port: 1, target: Message.name("a/b.example")) },
            // A compression pointer to itself, and one past the end.
            message { $0.service(name, port: 1, target: [0xC0, 0xFF]) },
            message { $0.service(name, port: 1, target: [0xFF, 0xFF]) },
            Array(message { $0.service(name, port: 1, target: target) }.dropLast()),
            message { message in
                for hop in 0..<20 {
                    message.record(hop == 0 ? name : "a\(hop).example", type: 5, Message.name("a\(hop + 1).example"))
                }
            },
            message { message in
                message.service(name, port: 1, target: target)
                message.record(name, type: 5, target)
            },
        ]
        for (index, bytes) in hostile.enumerated() {
            #expect(read(bytes) == .failure(.malformed), "\(index)")
        }
        let many = message { message in
            for _ in 0..<17 { message.service(name, port: 1, target: target) }
        }
        #expect(read(many) == .failure(.malformed))
        #expect(read(many, limit: 17).map(\.count) == .success(17))
    }

    @Test("no mutation of an answer makes the reader do more than refuse")
    func mutations() {
        let good = message { message in
            message.record(name, type: 5, Message.name("srv.other.example"))
            message.service("srv.other.example", port: 8448, target: Message.name("node.example"))
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &generator)) }
            if case .success(let records) = read(bytes) {
                #expect(records.allSatisfy { $0.target.utf8.allSatisfy { (0x2D...0x7A).contains($0) } })
            }
        }
    }
}
