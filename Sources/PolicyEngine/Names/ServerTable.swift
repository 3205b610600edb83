// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Finds the entry of `servers` that a name means: the one of just that name, else the closest pattern above it.
struct ServerTable: Sendable {
    private let exact: NameTable
    private let patterns: NameTable
    private let hasPatterns: Bool
    private let exactCount: Int

    /// - Parameters:
    ///   - exact: names; each one's index is its place in the list.
    ///   - patterns: the domains behind `*.`; their indices follow.
    init(exact: [ServerName], patterns: [ServerName]) {
        self.exact = NameTable(exact)
        self.patterns = NameTable(patterns)
        hasPatterns = !patterns.isEmpty
        exactCount = exact.count
    }

    func index(of name: Span<UInt8>) -> Int? {
        if let index = exact.index(of: name) { return index }
        return hasPatterns ? pattern(above: name) : nil
    }

    /// One label or more before the domain, each as a host name has them: lower case, and none that is internationalised,
    /// since those are judged by what they look like.
    private func pattern(above name: Span<UInt8>) -> Int? {
        var labelStart = 0
        for index in 0..<name.count {
            let byte = name[index]
            switch byte {
            case UInt8(ascii: "."):
                guard index > labelStart, !Self.isInternationalised(name, labelStart) else { return nil }
                if let found = patterns.index(of: name.extracting((index + 1)...)) { return exactCount + found }
                labelStart = index + 1
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            default: return nil
            }
        }
        return nil
    }

    private static func isInternationalised(_ name: Span<UInt8>, _ start: Int) -> Bool {
        guard start + Punycode.prefix.count <= name.count else { return false }
        for (offset, byte) in Punycode.prefix.enumerated() where name[start + offset] != byte { return false }
        return true
    }
}
