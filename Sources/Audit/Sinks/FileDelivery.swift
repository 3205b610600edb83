// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Appends lines to a file; durable on return. A file that was moved away, as by logrotate, is followed by a new one.
package struct FileDelivery: LineDelivery {
    private let path: String
    private var file: Descriptor?

    package init(path: String) { self.path = path }

    package mutating func deliver(_ lines: [UInt8]) throws(SinkFault) {
        do throws(DiskFailure) {
            let file = try open()
            try FileDelivery.write(lines, to: file.number)
            guard fdatasync(file.number) == 0 else { throw DiskFailure(.sync, file: path, code: errno) }
        } catch {
            // The next attempt looks at what is there.
            file = nil
            throw SinkFault(error.description)
        }
    }

    private mutating func open() throws(DiskFailure) -> Descriptor {
        if let file, try isStillThere(file) { return file }
        // A pipe without a reader would hold the thread.
        let opened = try Descriptor(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, .create, file: path)
        var status = stat()
        guard unsafe fstat(opened.number, &status) == 0 else { throw DiskFailure(.read, file: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw DiskFailure(.create, file: path, code: EINVAL) }
        var last: UInt8 = 0
        if status.st_size > 0, unsafe pread(opened.number, &last, 1, status.st_size - 1) == 1, last != 0x0A {
            // What a crash or a full disk left of a line stays a line of its own; the record comes again, whole.
            try Self.write([0x0A], to: opened.number)
        }
        file = opened
        return opened
    }

    private func isStillThere(_ file: Descriptor) throws(DiskFailure) -> Bool {
        var (mine, named) = (stat(), stat())
        guard unsafe fstat(file.number, &mine) == 0 else { throw DiskFailure(.read, file: path, code: errno) }
        guard unsafe lstat(path, &named) == 0 else { return false }
        return mine.st_ino == named.st_ino && mine.st_dev == named.st_dev
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(DiskFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DiskFailure(.write, file: "", code: count < 0 ? errno : ENOSPC) }
            rest = rest.dropFirst(count)
        }
    }
}
