// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A directory beside a log, with rights for its owner only, that holds files of keys.
package struct KeyDirectory: KeyFiles {
    package let path: String

    package init(_ path: String) { self.path = path }

    package var place: String { path }

    /// Where the keys lie by which a log names persons and files.
    package static func pseudonyms(of log: String) -> KeyDirectory { KeyDirectory(beside(log) + ".pseudonyms") }

    /// Where the keys lie with which fields are sealed, themselves sealed to the auditors.
    package static func sealed(of log: String) -> KeyDirectory { KeyDirectory(beside(log) + ".sealed") }

    private static func beside(_ log: String) -> String {
        var log = log[...]
        while log.count > 1, log.hasSuffix("/") { log.removeLast() }
        return String(log)
    }

    package func names() throws(DiskFailure) -> [String] {
        do throws(DiskFailure) {
            // What a crash left of a file that was being made is none.
            return try LogDirectory(path).names(in: "").filter { !$0.hasSuffix(".new") }.sorted()
        } catch {
            if error.isMissing { return [] }
            throw error
        }
    }

    package func read(_ name: String, limit: Int) throws(DiskFailure) -> [UInt8]? {
        var bytes: [UInt8] = []
        do throws(DiskFailure) {
            try LogDirectory(path).read(name, from: 0, count: limit + 1, into: &bytes)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
        return bytes
    }

    package func create(_ name: String, _ bytes: [UInt8]) throws(DiskFailure) {
        try make()
        try SmallFile.replace(name, in: path, with: bytes)
    }

    package func append(_ lines: [UInt8], to name: String, head: [UInt8]) throws(DiskFailure) {
        try make()
        let file = try Descriptor("\(path)/\(name)", O_RDWR | O_CREAT | O_NOFOLLOW, .open, file: name)
        let size = try file.status(name).size
        let start = try wholeLines(file, name, size)
        let bytes = start == 0 ? head + lines : lines
        do throws(DiskFailure) {
            if start < size, ftruncate(file.number, start) != 0 {
                throw DiskFailure(.truncate, file: name, code: errno)
            }
            try file.put(bytes, bytes.count, at: start, file: name)
            try file.sync(file: name)
            if start == 0 { try Descriptor.syncDirectory(path) }
        } catch {
            // Nothing uses what could not be written; the next one cuts it off if this does not.
            ftruncate(file.number, start)
            throw error
        }
    }

    package func destroy(_ name: String) throws(DiskFailure) {
        let file: Descriptor
        do throws(DiskFailure) {
            file = try Descriptor("\(path)/\(name)", O_WRONLY | O_NOFOLLOW, .open, file: name)
        } catch {
            if error.isMissing { return }
            throw error
        }
        let size = try file.status(name).size
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        for offset in stride(from: 0, to: size, by: zeros.count) {
            try file.put(zeros, min(zeros.count, size - offset), at: offset, file: name)
        }
        try file.sync(file: name)
        guard unsafe unlink("\(path)/\(name)") == 0 else { throw DiskFailure(.remove, file: name, code: errno) }
        try Descriptor.syncDirectory(path)
    }

    /// Where the last line that is whole ends.
    private func wholeLines(_ file: Descriptor, _ name: String, _ size: Int) throws(DiskFailure) -> Int {
        var window = [UInt8](repeating: 0, count: 1 << 12)
        var end = size
        while end > 0 {
            let start = max(end - window.count, 0)
            let length = end - start
            let got = unsafe window.withUnsafeMutableBytes { unsafe pread(file.number, $0.baseAddress, length, start) }
            guard got == length else { throw DiskFailure(.read, file: name, code: got < 0 ? errno : 0) }
            if let last = window[..<length].lastIndex(of: 0x0A) { return start + last + 1 }
            end = start
        }
        return 0
    }

    private func make() throws(DiskFailure) {
        if unsafe mkdir(path, 0o700) == 0 {
            let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            try Descriptor.syncDirectory(parent)
        } else if errno != EEXIST {
            throw DiskFailure(.create, file: "", code: errno)
        }
    }
}
