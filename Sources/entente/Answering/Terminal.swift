// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc

/// Where a command's words go: answers to standard output, faults to standard error, one a line.
enum Terminal {
    static func say(_ line: String) { write(Array(line.utf8) + [UInt8(ascii: "\n")], to: STDOUT_FILENO) }

    static func complain(_ line: String) { write(Array(line.utf8) + [UInt8(ascii: "\n")], to: STDERR_FILENO) }

    /// To standard error without a line break, for what is written over.
    static func mutter(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

    /// Bytes as they are; on a terminal a line break follows.
    static func hand(out bytes: [UInt8]) {
        write(isatty(STDOUT_FILENO) == 1 ? bytes + [UInt8(ascii: "\n")] : bytes, to: STDOUT_FILENO)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// How a command ends: its verdict is its exit status.
enum Ending {
    /// The answer is no: refused, or something is wrong with what was checked.
    static let refused = ExitCode(1)
    /// There is no answer: a flag is wrong, or a file cannot be read.
    static let cannotRun = ExitCode(2)

    /// Another policy allows something that this one refuses.
    static let loosened = ExitCode(3)

    /// Says why there is no answer.
    static func cannotRun(_ why: String) -> ExitCode {
        Terminal.complain(why)
        return cannotRun
    }
}
