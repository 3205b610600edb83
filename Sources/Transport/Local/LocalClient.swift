// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Asks on a `LocalSocket`: sends a line and waits for one. Blocks; for commands.
package enum LocalClient {
    package static let maxAnswerBytes = 1 << 20

    package struct Failure: Error, Hashable, Sendable {
        package let what: String
        /// Nobody listens there.
        package let isAbsent: Bool
    }

    /// - Parameter seconds: how long each step may take.
    package static func ask(_ request: [UInt8], at path: String, seconds: Int = 15) throws(Failure) -> [UInt8] {
        guard let address = UnixAddress(path) else {
            throw Failure(what: "the path is no socket's: it has \(path.utf8.count) bytes", isAbsent: true)
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("cannot make a socket") }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard address.connect(descriptor) == 0 else { throw failure("cannot be connected to") }
        try send(request + [0x0A], descriptor)
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while answer.last != 0x0A {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("no answer came") }
            guard count > 0 else { throw Failure(what: "the connection ended without an answer", isAbsent: false) }
            answer += chunk[..<count]
            guard answer.count <= maxAnswerBytes else {
                throw Failure(what: "the answer is too large", isAbsent: false)
            }
        }
        return answer.dropLast()
    }

    /// A request may be refused before it was read whole: then what is left of it has no reader, and the answer is there.
    private static func send(_ bytes: [UInt8], _ descriptor: Int32) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EPIPE { return }
            guard count > 0 else { throw failure("cannot be written to") }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ what: String) -> Failure {
        let code = errno
        return Failure(
            what: "\(what), \(unsafe String(cString: strerror(code)).lowercased())",
            isAbsent: code == ENOENT || code == ECONNREFUSED)
    }
}
