// SPDX-License-Identifier: Apache-2.0

/// `retention.held` beside the log: the clock is on trial, and a restart does not end that.
package struct RetentionHold: Sendable {
    static let name = "retention.held"

    private let directory: String

    package init(directory: String) { self.directory = directory }

    /// A file that cannot be read holds as well.
    package var isThere: Bool {
        do throws(DiskFailure) {
            return try SmallFile.read(Self.name, in: directory, limit: 64) != nil
        } catch {
            return true
        }
    }

    package func put(_ isHeld: Bool) {
        if isHeld {
            try? SmallFile.replace(Self.name, in: directory, with: Array("held\n".utf8))
        } else {
            try? KeyDirectory(directory).destroy(Self.name)
        }
    }
}
