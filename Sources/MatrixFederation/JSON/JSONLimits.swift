// SPDX-License-Identifier: Apache-2.0

extension JSONDocument {
    /// Bounds on what is read; what exceeds them is a fault of the family `limits`.
    package struct Limits: Hashable, Sendable {
        /// Bytes of the text, at most 2^30.
        package let maxBytes: Int
        /// Containers inside one another, at most 512: writing the canonical form recurses this deep.
        package let maxDepth: Int
        /// Values and keys.
        package let maxValues: Int

        package init(maxBytes: Int, maxDepth: Int = 64, maxValues: Int = 500_000) {
            self.maxBytes = min(max(maxBytes, 0), 1 << 30)
            self.maxDepth = min(max(maxDepth, 0), 512)
            self.maxValues = min(max(maxValues, 0), 1 << 28)
        }

        /// For bodies of requests: the reference homeserver's limit of bytes.
        package static let federation = Limits(maxBytes: 200 * 65536)
    }
}
