// SPDX-License-Identifier: Apache-2.0

/// Times as records write them, for whoever shows records.
package enum AuditTime {
    /// RFC 3339 in UTC with microseconds.
    package static func text(microseconds: Int64) -> String {
        var clock = RFC3339Clock()
        clock.set(microseconds: microseconds)
        return String(decoding: clock.text, as: UTF8.self)
    }
}
