// SPDX-License-Identifier: Apache-2.0

/// Where a tile or a bundle of entries lies in a log's directory. C2SP tlog-tiles.
package enum TilePath {
    /// Hashes in a full tile, entries in a full bundle.
    package static let width = 256

    /// - Parameters:
    ///   - level: 0 holds the hashes of entries.
    ///   - partial: how many hashes a partial tile has, 1 to 255; `nil`: a full one.
    package static func tile(_ level: Int, _ index: UInt64, partial: Int? = nil) -> String {
        "tile/\(level)/" + place(index, partial)
    }

    package static func entries(_ index: UInt64, partial: Int? = nil) -> String {
        "tile/entries/" + place(index, partial)
    }

    /// 1234067 is `x001/x234/067`.
    private static func place(_ index: UInt64, _ partial: Int?) -> String {
        var parts = [digits(index % 1000)]
        var rest = index / 1000
        while rest > 0 {
            parts.append("x" + digits(rest % 1000))
            rest /= 1000
        }
        return parts.reversed().joined(separator: "/") + (partial.map { ".p/\($0)" } ?? "")
    }

    private static func digits(_ value: UInt64) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(3 - text.utf8.count, 0)) + text
    }
}
