// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The files of a log in a directory; takes no lock and changes nothing.
package struct LogDirectory: LogFiles {
    let directory: String

    package init(_ directory: String) { self.directory = directory }

    package func journals() throws(DiskFailure) -> [String] { try list("").filter(Self.isJournal).sorted() }

    package func names(in path: String) throws(DiskFailure) -> [String] {
        do throws(DiskFailure) {
            return try list("/" + path)
        } catch {
            if error.isMissing { return [] }
            throw error
        }
    }

    private func list(_ path: String) throws(DiskFailure) -> [String] {
        guard let stream = unsafe opendir(directory + path) else { throw DiskFailure(.list, file: path, code: errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// `journal.` and twenty digits.
    static func isJournal(_ name: String) -> Bool {
        name.utf8.count == 28 && name.hasPrefix("journal.")
            && name.utf8.dropFirst(8).allSatisfy { $0 >= 48 && $0 <= 57 }
    }

    package func length(of path: String) throws(DiskFailure) -> Int { try open(path).status(path).size }

    private func open(_ path: String) throws(DiskFailure) -> Descriptor {
        try Descriptor(directory + "/" + path, O_RDONLY | O_NOFOLLOW, .open, file: path)
    }

    package func read(
        _ path: String, from offset: Int, count: Int, into buffer: inout [UInt8]
    ) throws(DiskFailure) {
        let file = try open(path)
        let wanted = min(count, max(try file.status(path).size - offset, 0))
        guard wanted > 0 else { return }
        var failure: DiskFailure?
        // Straight to its place: there is much to be read.
        buffer.append(addingCapacity: wanted) { space in
            unsafe space.withUnsafeMutableBufferPointer { space, filled in
                while filled < wanted {
                    let got = unsafe pread(
                        file.number, space.baseAddress.map { unsafe $0 + filled }, wanted - filled, offset + filled)
                    if got < 0, errno == EINTR { continue }
                    if got < 0 { failure = DiskFailure(.read, file: path, code: errno) }
                    if got <= 0 { return }
                    filled += got
                }
            }
        }
        if let failure { throw failure }
    }
}
