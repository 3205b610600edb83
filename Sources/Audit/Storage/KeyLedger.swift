// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
internal import PolicyEngine

/// Which keys a node used when it looked last: SHA-256 of each public key, by what it is for. `keys.state` beside the log.
package struct KeyLedger: Hashable, Sendable {
    package static let name = "keys.state"
    static let byteLimit = 64 << 10
    static let limit = 256

    /// What became of one key.
    package struct Change: Hashable, Sendable {
        package let use: String
        /// `nil`: it is not used any more.
        package let sha256: Digest?
        /// `nil`: it was not used before.
        package let previous: Digest?
    }

    /// By use, as `tls:127.0.0.1:8448:0` or `officer:officer-a`: a word without spaces.
    package let keys: [String: Digest]

    package init(_ keys: [String: Digest]) {
        // Bounded by what a configuration may have; the rest would not be read again.
        self.keys = Dictionary(
            uniqueKeysWithValues: keys.sorted { $0.key < $1.key }.prefix(Self.limit).map { ($0.key, $0.value) })
    }

    /// Sorted by use.
    package func changes(since before: KeyLedger) -> [Change] {
        Set(keys.keys).union(before.keys.keys).sorted().compactMap { use in
            keys[use] == before.keys[use] ? nil : Change(use: use, sha256: keys[use], previous: before.keys[use])
        }
    }

    package var bytes: [UInt8] {
        let lines = keys.sorted { $0.key < $1.key }.map { "key \($0.key) \($0.value.hex)\n" }
        return Array(("entente keys 1\n" + lines.joined()).utf8)
    }

    /// `nil`: it is not what was written there.
    init?(parsing bytes: [UInt8]) {
        guard bytes.count <= Self.byteLimit, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var keys: [String: Digest] = [:]
        for line in text.split(separator: "\n").dropFirst() {
            let words = line.split(separator: " ")
            guard words.count == 3, keys.count < Self.limit, let digest = Digest(hex: String(words[2])) else {
                return nil
            }
            keys[String(words[1])] = digest
        }
        self.init(keys)
        guard self.bytes == bytes else { return nil }
    }

    /// Empty where there is no file, or one that was damaged: then every key is recorded anew.
    package static func read(in directory: String) throws(DiskFailure) -> KeyLedger {
        let bytes = try SmallFile.read(name, in: directory, limit: byteLimit)
        return bytes.flatMap(KeyLedger.init(parsing:)) ?? KeyLedger([:])
    }

    /// Whole and durable on return.
    package func write(in directory: String) throws(DiskFailure) {
        try SmallFile.replace(Self.name, in: directory, with: bytes)
    }
}
