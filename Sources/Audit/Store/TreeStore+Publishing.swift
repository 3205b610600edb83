// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension TreeStore {
    /// Puts full bundles and tiles in their place.
    func flush() throws(DiskFailure) {
        guard !state.outbox.isEmpty else { return }
        for output in state.outbox { try disk.put(output.bytes, at: output.path, durably: false) }
        for output in state.outbox {
            // Nobody needs parts of what is there whole.
            for name in try disk.names(in: output.path + ".p") { disk.discard("\(output.path).p/\(name)") }
        }
        state.outbox.removeAll()
    }

    /// Signs the tree as it is, and puts the checkpoint in its place behind the partial tiles that belong to it.
    func publish(at time: Int64) throws(DiskFailure) {
        if state.tree.size > published { try publishAnew(at: time) }
    }

    /// The same, also where nothing was added since: after a power cut the partial files may not be what was written.
    func publishAnew(at time: Int64) throws(DiskFailure) {
        guard state.tree.size > 0 else { return }
        let partials = state.partials
        for output in partials { try disk.put(output.bytes, at: output.path, durably: false) }
        let checkpoint = Checkpoint(origin: key.name, size: state.tree.size, root: state.tree.root(hasher))
        try disk.put(key.sign(checkpoint.text), at: LogLayout.checkpoint, durably: true)
        published = checkpoint.size
        publishedAt = time
        recentPartials.append(partials.map(\.path))
        if recentPartials.count > 2 { discardOldestPartials() }
    }

    private func discardOldestPartials() {
        let needed = Set(recentPartials.dropFirst().joined())
        for path in recentPartials.removeFirst() where !needed.contains(path) { disk.discard(path) }
    }

    /// Leaves the partial files of the last checkpoint only.
    func discardOlderPartials() {
        while recentPartials.count > 1 { discardOldestPartials() }
    }
}

extension TreeStore {
    /// Removes partial files of checkpoints before; after a power cut they may not be what was written.
    func discardPartials(of sizes: [UInt64]) throws(DiskFailure) {
        for path in Set(sizes.flatMap { TilePath.partials(of: $0) }) {
            guard let slash = path.lastIndex(of: "/") else { continue }
            let directory = String(path[..<slash])
            for name in try disk.names(in: directory) { disk.discard("\(directory)/\(name)") }
        }
        recentPartials = []
    }
}

/// Names in a log's directory.
package enum LogLayout {
    package static let checkpoint = "checkpoint"
    /// The public key, as a convenience for whoever trusts the directory.
    package static let verifierKey = "verifier-key"
}

extension TilePath {
    /// The partial tiles and the partial bundle of a tree of this size.
    package static func partials(of size: UInt64) -> [String] {
        var paths: [String] = []
        var count = size
        var level = 0
        while count > 0 {
            let width = Int(count % UInt64(width))
            count /= UInt64(Self.width)
            if width > 0 {
                paths.append(tile(level, count, partial: width))
                if level == 0 { paths.append(entries(count, partial: width)) }
            }
            level += 1
        }
        return paths
    }
}
