// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import MatrixFederation

/// Reads a file once, whole, up to a limit: what is checked afterwards are these bytes, whatever happens to the file (AC-97).
enum FileBytes {
    enum Failure: Error, CustomStringConvertible {
        case cannotOpen(path: String, reason: String)
        case cannotRead(path: String, reason: String)
        case tooLarge(path: String, limit: Int)

        var description: String {
            switch self {
            case .cannotOpen(let path, let reason): "\(path): cannot be opened, \(reason)"
            case .cannotRead(let path, let reason): "\(path): cannot be read, \(reason)"
            case .tooLarge(let path, let limit): "\(path): is larger than \(limit) bytes"
            }
        }
    }

    /// - Parameter path: a file, or `-` for standard input.
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        let (bytes, isWhole) = try read(path, upTo: limit)
        guard isWhole else { throw .tooLarge(path: path, limit: limit) }
        return bytes
    }

    /// The same, but of what is larger than `limit` the first `limit` bytes and one more: whoever reads them says so.
    static func readBeyond(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        try read(path, upTo: limit + 1).bytes
    }

    /// SHA-256 of a file of any size, in bounded memory; `nil` if there is no SHA-256.
    static func digest(of path: String) throws(Failure) -> Digest? {
        guard var stream = SHA256Stream() else { return nil }
        try readChunks(path) { chunk in
            stream.update(chunk)
            return true
        }
        return stream.finish()
    }

    /// At most `limit` bytes, and whether that is all.
    private static func read(_ path: String, upTo limit: Int) throws(Failure) -> (bytes: [UInt8], isWhole: Bool) {
        var bytes: [UInt8] = []
        var isWhole = true
        try readChunks(path) { chunk in
            isWhole = bytes.count + chunk.count <= limit
            let part = chunk.extracting(first: limit - bytes.count)
            unsafe part.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
            return isWhole
        }
        return (bytes, isWhole)
    }

    /// - Parameter take: given 64 KiB at a time; false: that is enough.
    private static func readChunks(_ path: String, _ take: (Span<UInt8>) -> Bool) throws(Failure) {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: errorText(errno)) }
        defer { close(descriptor) }
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .cannotRead(path: path, reason: errorText(errno))
            }
            if count == 0 { return }
            guard take(chunk.span.extracting(first: count)) else { return }
        }
    }

    /// The reason of a file that is not there.
    static let noSuchFile = errorText(ENOENT)

    private static func errorText(_ code: Int32) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0).lowercased() } ?? "error \(code)"
    }
}
