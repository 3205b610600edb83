// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// SHA-256 over a buffer that is then replaced by the 32 bytes of its hash.
///
/// The chain needs no more: the buffer holds the hash before and one record, and leaves the hash after.
enum ChainHash {
    static let length = 32

    static func replace(_ buffer: inout [UInt8]) {
        let digest = SHA256.hash(buffer)
        buffer.removeAll(keepingCapacity: true)
        digest.append(to: &buffer)
    }
}
