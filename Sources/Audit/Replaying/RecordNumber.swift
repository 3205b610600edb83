// SPDX-License-Identifier: Apache-2.0

/// The number of a record, without reading more of it.
package enum RecordNumber {
    package static func of(_ record: Span<UInt8>) -> UInt64? {
        RecordedRequest(record).map { UInt64(truncatingIfNeeded: $0.sequence) }
    }
}
