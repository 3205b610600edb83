// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A Unix domain socket that listens, for processes of the same user and root on this machine.
///
/// Its file has mode 0600 from the first instant: on Linux `bind` gives it that of the socket itself (unix(7) leaves it to
/// the umask, which belongs to all threads). It takes the place of another only if nobody answers there.
package struct LocalSocket: Sendable {
    /// `sun_path` with its last zero; `.new` is added while it is made.
    package static let maxPathBytes = 103

    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case path(Int)
        /// Something else lies there.
        case noSocket
        /// Another process answers there.
        case inUse
        case system(operation: String, code: Int32)

        package var description: String {
            switch self {
            case .path(let count): "the path has \(count) bytes, and a socket's may have \(LocalSocket.maxPathBytes)"
            case .noSocket: "what lies there is no socket"
            case .inUse: "another process answers there"
            case .system(let operation, let code):
                "cannot \(operation), \(unsafe String(cString: strerror(code)).lowercased())"
            }
        }
    }

    package let path: String
    /// Listens already.
    package let descriptor: Int32
    private let device: UInt64
    private let inode: UInt64

    /// - Parameter backlog: how many may wait to be accepted.
    package init(listeningAt path: String, backlog: Int32 = 16) throws(Fault) {
        let new = path + ".new"
        try Self.checkPlace(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.failure("make a socket") }
        do throws(Fault) {
            guard fchmod(descriptor, 0o600) == 0 else { throw Self.failure("set its rights") }
            unsafe unlink(new)
            guard let address = UnixAddress(new) else { throw .path(path.utf8.count) }
            guard address.bind(descriptor) == 0 else { throw Self.failure("bind it") }
            // Answers before it has its name: whoever finds it there finds it at work.
            guard listen(descriptor, backlog) == 0 else { throw Self.failure("listen on it") }
            var status = stat()
            guard unsafe lstat(new, &status) == 0, status.st_mode & 0o777 == 0o600 else {
                throw Self.failure("keep others out of it")
            }
            (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
            guard unsafe rename(new, path) == 0 else { throw Self.failure("name it") }
        } catch {
            close(descriptor)
            unsafe unlink(new)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    /// Removes the file, if it is still this one's.
    package func removeFile() {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, UInt64(status.st_dev) == device, UInt64(status.st_ino) == inode else {
            return
        }
        unsafe unlink(path)
    }

    /// A socket that nobody answers on may be replaced; nothing else.
    private static func checkPlace(_ path: String) throws(Fault) {
        guard path.utf8.count <= maxPathBytes, !path.isEmpty else { throw .path(path.utf8.count) }
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw failure("look at it") }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .noSocket }
        let probe = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0, let address = UnixAddress(path) else { throw failure("make a socket") }
        defer { close(probe) }
        if address.connect(probe) == 0 || errno == EAGAIN { throw .inUse }
        guard errno == ECONNREFUSED || errno == ENOENT else { throw failure("ask whether somebody answers there") }
    }

    private static func failure(_ operation: String) -> Fault { .system(operation: operation, code: errno) }
}

/// A path as the system calls want it.
struct UnixAddress {
    private var address = sockaddr_un()

    init?(_ path: String) {
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, !bytes.contains(0), bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            return nil
        }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in unsafe target.copyBytes(from: bytes) }
    }

    func bind(_ descriptor: Int32) -> Int32 { unsafe with { unsafe Glibc.bind(descriptor, $0, $1) } }

    func connect(_ descriptor: Int32) -> Int32 { unsafe with { unsafe Glibc.connect(descriptor, $0, $1) } }

    private func with(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
