// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What is known of a room. `nil`: not known.
package struct RoomFacts: Hashable, Sendable {
    package var isEncrypted: Bool?
    /// The room version's identifier.
    package var version: String?
    /// Numbers between which the version lies, by each thing that says so; a version that is no number counts as 0.
    package var versionBounds: [ClosedRange<Int>] = []
    /// Every server in the room; ours and the peer may be among them.
    package var otherServers: [ServerName]?
    /// Tiers of servers in the room that are supposed and have no name: for questions and proofs.
    package var otherTiers: [String] = []

    package init(
        isEncrypted: Bool? = nil, version: String? = nil, otherServers: [ServerName]? = nil, otherTiers: [String] = []
    ) {
        self.isEncrypted = isEncrypted
        self.version = version
        self.otherServers = otherServers
        self.otherTiers = otherTiers
    }

    /// What a room's identifier says by itself: from version 12 on it names no server, before it always does.
    ///
    /// No homeserver holds a room with an identifier of the other form: the rules of each version refuse its create event.
    package init(identifier: String?) {
        self.init()
        guard let identifier else { return }
        versionBounds = [identifier.utf8.contains(UInt8(ascii: ":")) ? 0...11 : 12...Int.max]
    }

    /// Adds that the version is one of these. Nothing, if there are none.
    package mutating func narrowVersion(to versions: [String]) {
        let numbers = versions.map { Self.number(of: $0) ?? 0 }
        if let low = numbers.min(), let high = numbers.max() { versionBounds.append(low...high) }
    }

    private static func number(of version: String) -> Int? {
        RoomVersion(version) == nil ? nil : StrictNumber.integer(version).map(Int.init)
    }

    /// Whether the version has that number or a higher one; `nil`: not known. What contradicts itself does not have it.
    func reaches(_ lowest: Int) -> Bool? {
        var isProved = false
        if let version {
            guard let number = Self.number(of: version), number >= lowest else { return false }
            isProved = true
        }
        for bounds in versionBounds {
            if bounds.upperBound < lowest { return false }
            if bounds.lowerBound >= lowest { isProved = true }
        }
        return isProved ? true : nil
    }
}

extension RoomFacts {
    /// For people, behind `in a room`.
    var text: String {
        var parts = [
            isEncrypted.map { $0 ? "that is encrypted" : "that is not encrypted" }
                ?? "of which it is not known whether it is encrypted",
            version.map { "of version \($0)" } ?? "of an unknown version",
        ]
        if !otherTiers.isEmpty {
            parts.append("with a server of tier \(quotedList(otherTiers, conjunction: "and"))")
        } else if let otherServers {
            let names = otherServers.map(\.text).sorted()
            parts.append(
                names.isEmpty ? "without other servers" : "with \(quotedList(names, conjunction: "and"))")
        } else {
            parts.append("with servers that are not known")
        }
        return parts.joined(separator: ", ")
    }
}
