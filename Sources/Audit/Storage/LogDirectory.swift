// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The segments in a directory; takes no lock and changes nothing.
package struct LogDirectory: SegmentFiles {
    private let directory: String

    package init(_ directory: String) { self.directory = directory }

    package func segments() throws(DiskFailure) -> [String] {
        guard let stream = unsafe opendir(directory) else { throw DiskFailure(.list, file: "", code: errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if Self.isSegment(name) { names.append(name) }
        }
        return names.sorted()
    }

    /// Twenty digits and `.jsonl`.
    static func isSegment(_ name: String) -> Bool {
        name.utf8.count == 26 && name.hasSuffix(".jsonl") && name.utf8.prefix(20).allSatisfy { $0 >= 48 && $0 <= 57 }
    }

    package func length(of segment: String) throws(DiskFailure) -> Int {
        try Descriptor(path(segment), O_RDONLY, .open, file: segment).status(segment).size
    }

    package func read(
        _ segment: String, from offset: Int, count: Int, into buffer: inout [UInt8]
    ) throws(DiskFailure) {
        let file = try Descriptor(path(segment), O_RDONLY, .open, file: segment)
        var chunk = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe chunk.withUnsafeMutableBytes { bytes in
                unsafe pread(file.number, bytes.baseAddress.map { unsafe $0 + filled }, count - filled, offset + filled)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw DiskFailure(.read, file: segment, code: errno) }
            if got == 0 { break }
            filled += got
        }
        buffer.append(contentsOf: chunk[..<filled])
    }

    private func path(_ name: String) -> String { directory + "/" + name }
}
