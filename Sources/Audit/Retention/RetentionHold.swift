// SPDX-License-Identifier: Apache-2.0

/// `retention.held` beside the log: the clock is on trial, and a restart does not end that. One line, `served MICROSECONDS`.
package struct RetentionHold: Sendable {
    static let name = "retention.held"
    private static let word = "served "

    private let directory: String

    package init(directory: String) { self.directory = directory }

    /// How long the clock was on trial; `nil`: it was not. A file that cannot be read, or is not what was written, means that the
    /// trial begins.
    package func read() -> Int64? {
        do throws(DiskFailure) {
            guard let bytes = try SmallFile.read(Self.name, in: directory, limit: 64) else { return nil }
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.hasPrefix(Self.word), text.hasSuffix("\n"),
                let served = Int64(text.dropFirst(Self.word.count).dropLast()), served >= 0
            else { return 0 }
            return served
        } catch {
            return 0
        }
    }

    /// - Parameter served: `nil` removes the file.
    package func write(_ served: Int64?) {
        if let served {
            try? SmallFile.replace(Self.name, in: directory, with: Array("\(Self.word)\(served)\n".utf8))
        } else {
            try? KeyDirectory(directory).destroy(Self.name)
        }
    }
}
