// SPDX-License-Identifier: Apache-2.0

package import PolicyEngine

/// Where a node remembers which requests it died of: `quarantine.state` beside the log. AC-106, AC-107.
package struct QuarantineStore: Sendable {
    package static let name = "quarantine.state"

    package let directory: String

    package init(directory: String) { self.directory = directory }

    /// `nil`: there is no file, or it is not what was written there. Whoever died of a request learns that again.
    package func read() throws(DiskFailure) -> QuarantineRegister? {
        guard let bytes = try SmallFile.read(Self.name, in: directory, limit: QuarantineRegister.maxBytes) else {
            return nil
        }
        return try? QuarantineRegister(parsing: bytes)
    }

    /// Whole and durable on return.
    package func write(_ register: QuarantineRegister) throws(DiskFailure) {
        try SmallFile.replace(Self.name, in: directory, with: register.bytes)
    }
}
