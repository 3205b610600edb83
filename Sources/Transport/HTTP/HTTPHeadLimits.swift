// SPDX-License-Identifier: Apache-2.0

/// Bounds of one message head.
package struct HTTPHeadLimits: Hashable, Sendable {
    /// Bytes of the request target.
    package var targetBytes: Int
    /// Bytes of the whole head, from the first byte of the start line to the empty line. Never above 65,535.
    package var headBytes: Int { didSet { headBytes = min(headBytes, 65_535) } }
    package var fields: Int

    package init(targetBytes: Int, headBytes: Int, fields: Int) {
        self.targetBytes = targetBytes
        self.headBytes = min(headBytes, 65_535)
        self.fields = fields
    }

    /// What peers may send (AC-30).
    package static let request = Self(targetBytes: 4096, headBytes: 16_384, fields: 64)

    /// What a server we ask may answer.
    package static let response = Self(targetBytes: 4096, headBytes: 32_768, fields: 64)
}
