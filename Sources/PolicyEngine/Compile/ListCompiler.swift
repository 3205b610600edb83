// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Gives the servers of lists their tier, beside those that the policy itself names.
///
/// What the policy says of a server by name goes before any list, and what it says by pattern before any list but one
/// that blocks. Among lists `blocked` goes first; lists that otherwise say
/// different things of a server refuse it. So nobody who keeps a list can lift what another one refuses, or keep another
/// one from being read again.
struct ListCompiler {
    let document: PolicyDocument
    let tiers: [CompiledTier]
    let states: StateTiers
    let diagnostics: Diagnostics

    /// A list that could be read and whose tier exists.
    private struct Entry {
        let definition: ListDefinition
        let tier: Int
        let list: ServerList
        let isStale: Bool
    }

    /// - Parameter written: the servers that the policy names.
    /// - Returns: all servers, sorted by the bytes of their names, then patterns; and the lists by their names.
    func compile(
        _ readings: [String: ListReading], beside written: [CompiledServer]
    ) -> (servers: [CompiledServer], lists: [ListSummary]) {
        let entries = document.lists.sorted { $0.source.name < $1.source.name }.compactMap { entry($0, readings) }
        guard !entries.isEmpty else { return (written, []) }
        let taken = Dictionary(
            written.filter { !$0.isPattern }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let patterns = ServerTable(exact: [], patterns: written.filter(\.isPattern).map(\.name))
        var claims: [ServerName: [Int]] = [:]
        for (index, entry) in entries.enumerated() {
            for name in entry.list.names {
                if let server = taken[name] {
                    warn(of: server, on: entry)
                } else if tiers[entry.tier].isBlocked || patterns.index(of: name.text.utf8.span) == nil {
                    claims[name, default: []].append(index)
                }
            }
        }
        let listed = claims.map { name, indices in server(name, indices.map { entries[$0] }) }
        let exact = (taken.values + listed).sorted { $0.name.text.utf8.lexicographicallyPrecedes($1.name.text.utf8) }
        return (exact + written.filter(\.isPattern), entries.map(summary))
    }

    private func entry(_ definition: ListDefinition, _ readings: [String: ListReading]) -> Entry? {
        let name = definition.source.name
        let tier = tiers.first { $0.name == definition.tier.value }
        if let tier {
            check(tier, of: definition)
        } else {
            diagnostics.unknownTier(definition.tier, known: tiers.map(\.name))
        }
        switch readings[name] {
        case nil:
            diagnostics.error(
                at: definition.filePlace, "the list \(quoted(name)) was not given",
                todo: "check the policy with the file \(quoted(definition.source.file)) beside it")
        case .broken(let fault):
            diagnostics.error(at: definition.filePlace, "list \(quoted(name)): \(fault.what)", todo: fault.todo)
        case .read(let list, let isStale):
            warn(of: list, definition, isStale: isStale)
            return tier.map { Entry(definition: definition, tier: $0.index, list: list, isStale: isStale) }
        }
        return nil
    }

    private func server(_ name: ServerName, _ entries: [Entry]) -> CompiledServer {
        let blocked = tiers.first { $0.isBlocked }?.index ?? 0
        let all = entries.map(\.definition.source.name)
        let blocking = entries.first { tiers[$0.tier].isBlocked }
        let first = blocking ?? entries.first { !$0.isStale } ?? entries[0]
        let isContested =
            blocking == nil
            && entries.contains { $0.tier != first.tier || $0.definition.state != first.definition.state }
        let isStale = blocking == nil && !isContested && first.isStale
        return CompiledServer(
            name: name, state: first.definition.state, tier: isContested || isStale ? blocked : first.tier, pins: nil,
            isOwn: false, place: first.definition.place,
            source: .lists(
                deciding: first.definition.source.name, place: first.definition.place, all: all,
                isContested: isContested),
            refusal: isStale ? .originListStale : nil)
    }

    private func summary(_ entry: Entry) -> ListSummary {
        ListSummary(
            name: entry.definition.source.name, tier: tiers[entry.tier].name, form: entry.definition.source.form,
            list: entry.list, isStale: entry.isStale)
    }

    /// A list may name anybody, so it can make nobody one of ours, nor more than its state may be.
    private func check(_ tier: CompiledTier, of list: ListDefinition) {
        let name = list.source.name
        if tier.name == "own" {
            diagnostics.error(
                at: list.tier.place, "the list \(quoted(name)) puts servers into tier `own`",
                todo: "make a tier for them, or name each under `self` or `servers`")
        }
        guard let state = list.state else { return }
        let bound =
            document.own?.state?.value == state ? tiers.first { $0.name == "own" }?.index : states.byState[state]?.tier
        guard let bound, bound != tier.index, let excess = tier.firstExcess(over: tiers[bound]) else { return }
        diagnostics.error(
            at: list.tier.place,
            "tier \(quoted(tier.name)) of the list \(quoted(name)) \(excess), which \(quoted(tiers[bound].name)), the tier of "
                + "its state \(quoted(state.text)), does not allow",
            todo: "give the list a narrower tier, or `state: none`")
    }

    private func warn(of server: CompiledServer, on entry: Entry) {
        guard tiers[entry.tier].isBlocked, !tiers[server.tier].isBlocked else { return }
        diagnostics.warning(
            at: server.place,
            "\(quoted(server.name.text)) is on the list \(quoted(entry.definition.source.name)), which blocks",
            meanwhile: "the policy itself names it, so it stays in tier \(quoted(tiers[server.tier].name))",
            todo: "give it `tier: blocked` if the list is right")
    }

    private func warn(of list: ServerList, _ definition: ListDefinition, isStale: Bool) {
        let source = definition.source
        if source.form == .jws, source.signer.isEmpty {
            diagnostics.warning(
                at: definition.place, "the list \(quoted(source.name)) does not say who signs it",
                meanwhile: "whoever has a certificate of its `roots` can make one",
                todo: "add `signer: { subject: \(quoted(list.signer?.subject ?? "…")) }`, or `dns:` or `spki:`")
        }
        if list.repeated > 0 {
            diagnostics.warning(
                at: definition.filePlace,
                "the list \(quoted(source.name)) names servers again that it has named, \(list.repeated) times",
                meanwhile: "each counts once", todo: "tell its publisher")
        }
        if isStale {
            diagnostics.warning(
                at: definition.filePlace, "the list \(quoted(source.name)) is too old",
                meanwhile: "its servers are refused", todo: "fetch it again")
        }
    }
}
