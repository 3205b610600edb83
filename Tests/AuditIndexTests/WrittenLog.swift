// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import MatrixFederation

/// A log's bundles, tiles and checkpoint in a directory that goes with it, written by hand.
final class WrittenLog {
    let url: URL
    private(set) var records: [String] = []
    private let key: LogKey

    var path: String { url.appending(path: "log").path }
    var index: String { url.appending(path: "log.index.sqlite").path }

    init(name: String = "test.example/audit") throws {
        url = FileManager.default.temporaryDirectory.appending(path: "entente-index-\(UUID().uuidString)")
        key = try LogKey.generate(name: name).key
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes all bundles anew.
    ///
    /// - Parameter isSigned: whether tiles and a checkpoint over everything are written, for logs of up to 256 records.
    func hold(_ records: [String], isSigned: Bool = false) throws {
        self.records = records
        try? FileManager.default.removeItem(atPath: path)
        for start in stride(from: 0, to: records.count, by: 256) {
            let part = records[start..<min(start + 256, records.count)]
            let full = TilePath.entries(UInt64(start / 256))
            try write(
                part.flatMap { [UInt8($0.utf8.count >> 8), UInt8($0.utf8.count & 255)] + Array($0.utf8) },
                part.count == 256 ? full : "\(full).p/\(part.count)")
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard isSigned else { return }
        let hasher = TreeHasher()
        let leaves = records.map { hasher.leaf(Array($0.utf8)) }
        try write(leaves.flatMap(\.bytes), "tile/0/000.p/\(leaves.count)")
        let tiles = TileFiles(LogDirectory(path), size: UInt64(leaves.count), hasher)
        let root = try TreeProver(tiles, hasher).root(of: UInt64(leaves.count))
        let checkpoint = Checkpoint(origin: key.name, size: UInt64(leaves.count), root: root)
        try write(key.sign(checkpoint.text), "checkpoint")
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        let file = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }
}
