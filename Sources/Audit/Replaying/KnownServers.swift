// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// What a policy says of a server at one of ours.
final class PlacedServer {
    let admission: Admission
    /// What the record's state and tier are compared with.
    let state: String
    let tier: String
    let hasHours: Bool
    let pins: [KeyID: PinnedKey]?

    init(_ name: ServerName, at own: ServerName?, _ policy: Policy) {
        admission = policy.admit(name, at: own)
        state = policy.state(of: name)?.text ?? ""
        pins = policy.pinnedKeys(of: name)
        if case .admitted(let peer) = admission {
            tier = peer.tier.name
            hasHours = policy.hasHours(peer)
        } else {
            tier = ""
            hasHours = false
        }
    }
}

/// The servers that a log names, each looked up once.
struct KnownServers {
    private struct Entry {
        let name: ServerName?
        /// By server of ours; of one span of the policy.
        var placed: [PlacedServer?] = []
        var span = -1
    }

    private var table = ByteTable()
    private var entries: [Entry] = []

    /// A log of strangers may name any number.
    private static let limit = 50_000

    mutating func number(of text: Span<UInt8>) -> Int {
        if let known = table.known(text) { return known }
        entries.append(Entry(name: try? ServerName(parsing: text)))
        return table.number(of: text)
    }

    /// Numbers that were given before mean nothing afterwards.
    mutating func forgetIfFull() {
        guard entries.count >= Self.limit else { return }
        table.removeAll()
        entries.removeAll(keepingCapacity: true)
    }

    func name(_ number: Int) -> ServerName? { entries[number].name }

    /// - Parameter own: the index of the server of ours, -1 if none is told.
    mutating func place(_ number: Int, at own: Int, _ policy: Policy, _ span: Int) -> PlacedServer? {
        guard let name = entries[number].name else { return nil }
        if entries[number].span != span {
            entries[number].span = span
            entries[number].placed.removeAll(keepingCapacity: true)
        }
        let slot = own + 1
        while entries[number].placed.count <= slot { entries[number].placed.append(nil) }
        if let placed = entries[number].placed[slot] { return placed }
        let placed = PlacedServer(name, at: own >= 0 ? policy.ownServers[own] : nil, policy)
        entries[number].placed[slot] = placed
        return placed
    }
}
