// SPDX-License-Identifier: Apache-2.0

/// Who asks: a remote server ours (`inbound`), or ours a remote server (`outbound`).
package enum Direction: String, CaseIterable, Hashable, Sendable {
    case inbound
    case outbound

    /// The place of the direction in precomputed tables.
    var index: Int { self == .inbound ? 0 : 1 }
}
