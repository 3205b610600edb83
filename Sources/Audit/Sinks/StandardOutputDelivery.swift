// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Writes lines to standard output. A reader that stopped reading makes the sink go down instead of holding the thread.
package struct StandardOutputDelivery: LineDelivery {
    /// A pipe that is ready takes so many bytes at once. POSIX, `PIPE_BUF`.
    private static let piece = 4096
    /// Milliseconds.
    private static let patience: Int32 = 1000

    /// Whether the last thing written was no whole line.
    private var isTorn = false

    package init() {}

    package mutating func deliver(_ lines: [UInt8]) throws(SinkFault) {
        var rest = ((isTorn ? [0x0A] : []) + lines)[...]
        while !rest.isEmpty {
            var state = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
            let ready = unsafe poll(&state, 1, Self.patience)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { throw SinkFault("standard output: nobody reads it") }
            let piece = rest.prefix(Self.piece)
            let count = unsafe piece.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw SinkFault(DiskFailure(.write, file: "standard output", code: errno).description)
            }
            rest = rest.dropFirst(count)
            isTorn = !rest.isEmpty && piece[piece.startIndex + count - 1] != 0x0A
        }
    }
}
