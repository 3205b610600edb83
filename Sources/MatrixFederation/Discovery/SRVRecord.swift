// SPDX-License-Identifier: Apache-2.0

/// One SRV record. Source: RFC 2782.
package struct SRVRecord: Hashable, Sendable {
    package let priority: UInt16
    package let weight: UInt16
    package let port: UInt16
    /// The target, with or without the trailing dot.
    package let target: String

    package init(priority: UInt16 = 0, weight: UInt16 = 0, port: UInt16, target: String) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }

    /// Records that are looked at; the others are left out.
    static let maxRecords = 16

    /// Usable targets in the order to try: by priority, within one by weighted choice.
    ///
    /// Left out: port 0, targets that are not plain DNS names, and names that a resolver may read as an address.
    static func inOrder(
        _ records: [SRVRecord], using generator: inout some RandomNumberGenerator
    ) -> [ServerLocation.Dial] {
        var remaining = records.prefix(maxRecords).filter(\.isUsable).sorted {
            ($0.priority, $0.weight) < ($1.priority, $1.weight)
        }
        var ordered: [ServerLocation.Dial] = []
        while let priority = remaining.first?.priority {
            let group = remaining.prefix { $0.priority == priority }
            var pick = Int.random(in: 0...group.reduce(0) { $0 + Int($1.weight) }, using: &generator)
            let index = group.firstIndex { record in
                pick -= Int(record.weight)
                return pick <= 0
            }
            let record = remaining.remove(at: index ?? remaining.startIndex)
            ordered.append(.host(record.host, port: record.port))
        }
        return ordered
    }

    private var host: String { target.utf8.last == UInt8(ascii: ".") ? String(target.dropLast()) : target }

    private var isUsable: Bool {
        guard port > 0, let name = try? ServerName(host) else { return false }
        return !name.isIPLiteral && name.port == nil && !HostShape.looksLikeAddress(host)
    }
}
