// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Up to which record a sink has everything: a small file beside the log, one for each sink.
struct SinkPosition {
    struct Place: Hashable {
        /// Up to this record it has everything but what was lost.
        var delivered: UInt64 = 0
        /// More waited for it than its spool holds, and traffic may be refused for that.
        var isFull = false
    }

    private static let start = "entente sink 1\n"
    private static let full = "full\n"
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

    /// `nil` for a sink that never had a place; the beginning if its file is damaged: records come twice rather than not at all.
    func read() throws(DiskFailure) -> Place? {
        guard let bytes = try SmallFile.read(file, in: directory, limit: Self.limit) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        let head = "\(Self.start)\(target)\n"
        guard bytes.count <= Self.limit, text.hasPrefix(head), text.hasSuffix("\n") else { return Place() }
        var rest = text.dropFirst(head.count)
        let isFull = rest.hasSuffix("\n\(Self.full)")
        if isFull { rest = rest.dropLast(Self.full.count) }
        guard let delivered = UInt64(rest.dropLast()) else { return Place() }
        return Place(delivered: delivered, isFull: isFull)
    }

    func write(_ place: Place) throws(DiskFailure) {
        let text = "\(Self.start)\(target)\n\(place.delivered)\n\(place.isFull ? Self.full : "")"
        try SmallFile.replace(file, in: directory, with: Array(text.utf8))
    }
}
