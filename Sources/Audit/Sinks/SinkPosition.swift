// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Up to which record a sink has everything: a small file beside the log, one for each sink.
struct SinkPosition {
    private static let start = "entente sink 1\n"
    private static let limit = 2048

    private let directory: String
    private let target: String
    private let file: String

    /// - Parameter target: the sink's name, which decides the file's.
    init(directory: String, target: String) {
        self.directory = directory
        self.target = target
        file = "sink.\(SHA256.hash(Array(target.utf8)).hex.prefix(16))"
    }

    /// 0 for a sink that never had a record, or whose file is damaged: records come twice rather than not at all.
    func read() throws(DiskFailure) -> UInt64 {
        guard let bytes = try SmallFile.read(file, in: directory, limit: Self.limit), bytes.count <= Self.limit else {
            return 0
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let head = "\(Self.start)\(target)\n"
        guard text.hasPrefix(head), text.hasSuffix("\n") else { return 0 }
        return UInt64(text.dropFirst(head.count).dropLast()) ?? 0
    }

    func write(_ sequence: UInt64) throws(DiskFailure) {
        try SmallFile.replace(file, in: directory, with: Array("\(Self.start)\(target)\n\(sequence)\n".utf8))
    }
}
