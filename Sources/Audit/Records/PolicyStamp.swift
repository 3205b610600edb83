// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Which policy decided, in the form in which each record carries it.
///
/// Made once for each policy; records share its bytes.
package struct PolicyStamp: Sendable {
    /// `{"mode":…,"serial":…,"sha256":…}`.
    let encoded: [UInt8]

    package init(serial: Int64, sha256: Digest, mode: String) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key(#""mode":"#)
        writer.string(mode, limit: 64)
        writer.key(#""serial":"#)
        writer.integer(serial)
        writer.key(#""sha256":"#)
        writer.string(sha256.hex)
        writer.endObject()
        encoded = writer.bytes
    }
}
