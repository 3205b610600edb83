// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A blocking TCP client that sends exactly the bytes it is given: for requests that no proper client would make.
///
/// Loopback only; every read ends after twenty seconds: a busy machine is slow.
package struct RawClient: ~Copyable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// An HTTP/1.1 response as it came off the wire.
    package struct Response: Sendable {
        package var status: Int
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }

        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    private let descriptor: Int32
    private var received: [UInt8] = []

    package init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket: errno \(errno)") }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(descriptor, $0, size) }
        }
        guard outcome == 0 else {
            close(descriptor)
            throw Failure(description: "cannot connect to port \(port): errno \(errno)")
        }
    }

    deinit { close(descriptor) }

    package func send(_ text: String) throws { try send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "the other side closed while we sent: errno \(errno)") }
            sent += count
        }
    }

    /// Says that nothing more will be sent.
    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads one response; `nil` when the other side closes before its first byte.
    package mutating func response() throws -> Response? {
        var end = headEnd()
        while end == nil {
            guard try fill() else {
                if received.isEmpty { return nil }
                throw Failure(
                    description: "closed inside a response head: \(String(decoding: received, as: UTF8.self))")
            }
            end = headEnd()
        }
        guard let end else { return nil }
        let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            return (name: parts[0], value: parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        var response = Response(
            status: Int(lines[0].split(separator: " ")[1]) ?? 0, headers: headers, body: [])
        received.removeFirst(end + 4)
        if response.header("transfer-encoding") != nil {
            response.body = try chunkedBody()
        } else {
            let length = Int(response.header("content-length") ?? "0") ?? 0
            response.body = try take(length)
        }
        return response
    }

    /// Whether the other side closes the connection without sending anything more.
    package mutating func isClosedByPeer() -> Bool {
        guard received.isEmpty else { return false }
        return (try? fill()) == false
    }

    private func headEnd() -> Int? {
        guard received.count >= 4 else { return nil }
        return (0...(received.count - 4)).first { Array(received[$0..<$0 + 4]) == [13, 10, 13, 10] }
    }

    private mutating func take(_ count: Int) throws -> [UInt8] {
        while received.count < count {
            guard try fill() else { throw Failure(description: "closed inside a body") }
        }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    private mutating func chunkedBody() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            var line: [UInt8] = []
            while !line.elementsEqualEnd([13, 10]) { line += try take(1) }
            let size = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16) ?? 0
            body += try take(size)
            _ = try take(2)
            if size == 0 { return body }
        }
    }

    /// Waits for more bytes; false when the other side has closed.
    private mutating func fill() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count < 0 {
            if errno == ECONNRESET { return false }
            throw Failure(description: "nothing came within twenty seconds: errno \(errno)")
        }
        received += chunk[..<count]
        return count > 0
    }
}

extension [UInt8] {
    fileprivate func elementsEqualEnd(_ end: [UInt8]) -> Bool { suffix(end.count).elementsEqual(end) }
}
