// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// The events and EDUs of a transaction, as far as its record tells them apart.
extension PolicyReplay {
    private struct RefusedItem {
        var author = 0..<0
        var type = 0..<0
        var reason: ReasonCode?
        var rule = 0..<0
        /// The policy was in shadow mode and let it pass.
        var isWatched = false

        /// Whether another policy could let it pass.
        var isOfPolicy: Bool { reason?.isOfPolicyForItems(hasRule: !rule.isEmpty) ?? false }
    }

    private static let eduNames = ByteTable([
        "m.typing", "m.receipt", "m.presence", "m.direct_to_device", "m.device_list_update", "m.signing_key_update",
    ])
    private static let eduKinds: [EDUKind] = [.typing, .receipts, .presence, .toDevice, .deviceLists, .signingKeys]

    mutating func items(
        _ recorded: Recorded, _ bytes: Span<UInt8>, _ peer: Peer, _ policy: Policy, _ effects: inout Effects
    ) {
        let record = recorded.record
        if record.isCut { return gap(.omitted, 1, &effects) }
        var refused: [RefusedItem] = []
        if !record.refusals.isEmpty { refused = Self.refusals(record, bytes) }
        if !refused.isEmpty, bytes.holds(#""shadow""#, in: mode(of: record, bytes)) {
            for index in refused.indices where refused[index].isOfPolicy { refused[index].isWatched = true }
        }
        if !record.authors.isEmpty {
            var cursor = RecordCursor(record.authors)
            var authors: [(name: Range<Int>, count: Int)] = []
            _ = cursor.elements(bytes) { value in
                var (name, count) = (0..<0, 0)
                var inner = RecordCursor(value)
                _ = inner.members(bytes) { key, value in
                    if bytes.holds("domain", in: key) { name = bytes.unquoted(value) }
                    if bytes.holds("count", in: key) { count = bytes.number(value) ?? 0 }
                }
                authors.append((name, count))
            }
            for author in authors {
                events(author.name, author.count, refused, recorded, bytes, peer, policy, &effects)
            }
        }
        if !record.edus.isEmpty {
            var cursor = RecordCursor(record.edus)
            var counts = [Int](repeating: 0, count: Self.eduKinds.count)
            _ = cursor.members(bytes) { key, value in
                if let number = Self.eduNames.known(bytes.extracting(key)) { counts[number] = bytes.number(value) ?? 0 }
            }
            for (number, kind) in Self.eduKinds.enumerated() where counts[number] > 0 {
                edus(kind, counts[number], refused, recorded, bytes, peer, policy, &effects)
            }
        }
    }

    private func mode(of record: RecordedRequest, _ bytes: Span<UInt8>) -> Range<Int> {
        var cursor = RecordCursor(record.policy)
        var mode = 0..<0
        _ = cursor.members(bytes) { key, value in if bytes.holds("mode", in: key) { mode = value } }
        return mode
    }

    private static func refusals(_ record: RecordedRequest, _ bytes: Span<UInt8>) -> [RefusedItem] {
        var refused: [RefusedItem] = []
        var cursor = RecordCursor(record.refusals)
        _ = cursor.elements(bytes) { value in
            var item = RefusedItem()
            var inner = RecordCursor(value)
            _ = inner.members(bytes) { key, value in
                let text = bytes.unquoted(value)
                if bytes.holds("author", in: key) { item.author = text }
                if bytes.holds("type", in: key) { item.type = text }
                if bytes.holds("rule_id", in: key) { item.rule = text }
                if bytes.holds("reason", in: key) {
                    item.reason = reasons.known(bytes.extracting(text)).map { ReasonCode.allCases[$0] }
                }
            }
            refused.append(item)
        }
        return refused
    }

    private mutating func events(
        _ author: Range<Int>, _ count: Int, _ refused: [RefusedItem], _ recorded: Recorded, _ bytes: Span<UInt8>,
        _ peer: Peer, _ policy: Policy, _ effects: inout Effects
    ) {
        let number = servers.number(of: bytes.extracting(author))
        guard let name = servers.name(number) else {
            return gap(.name, count, &effects)
        }
        let own = refused.filter { Self.isSame($0.author, author, bytes) }
        let verdict = policy.decideAuthor(name, eventType: "", deliveredBy: peer, recorded.record.direction)
        let passed = max(count - own.count { !$0.isWatched }, 0)
        guard verdict.isAllowed || isWatching else {
            if passed > 0 {
                note(.tightened, .event, passed, recorded, nil, verdict, name, author, bytes, policy, &effects)
            }
            return
        }
        guard
            !isWatching && looksIntoEvents
                && policy.looksIntoEvents(by: name, deliveredBy: peer, recorded.record.direction)
        else {
            for item in own where item.isOfPolicy && !item.isWatched {
                note(.loosened, .event, 1, recorded, item, verdict, name, author, bytes, policy, &effects)
            }
            return
        }
        // Of those that are in `refusals` the type is known, which may be enough.
        var unknown = passed
        for item in own where item.isOfPolicy {
            let refusal = refusal(byTypeOf: item, name, peer, policy, recorded.record.direction, bytes)
            if item.isWatched, let refusal {
                unknown -= 1
                note(.tightened, .event, 1, recorded, item, refusal, name, author, bytes, policy, &effects)
            } else if !item.isWatched, refusal == nil {
                unknown += 1
            }
        }
        if unknown > 0 { gap(.event, unknown, &effects) }
    }

    /// The refusal of an event's type, whatever else it holds, as state and as a message; `nil` if that is not enough.
    private func refusal(
        byTypeOf item: RefusedItem, _ author: ServerName, _ peer: Peer, _ policy: Policy, _ direction: Direction,
        _ bytes: Span<UInt8>
    ) -> Verdict? {
        guard !item.type.isEmpty else { return nil }
        let type = Self.word(bytes, item.type)
        var found: Verdict?
        for stateKey in [nil, ""] {
            let question = EventQuestion(author: author, type: type, stateKey: stateKey)
            let verdict = policy.decideContents(of: question, deliveredBy: peer, direction)
            guard !verdict.isAllowed, verdict.reason == .pduTypeRefused || verdict.reason == .pduTypeUnknown else {
                return nil
            }
            found = found ?? verdict
        }
        return found
    }

    private mutating func edus(
        _ kind: EDUKind, _ count: Int, _ refused: [RefusedItem], _ recorded: Recorded, _ bytes: Span<UInt8>,
        _ peer: Peer, _ policy: Policy, _ effects: inout Effects
    ) {
        let own = refused.filter {
            $0.author.isEmpty && $0.reason != .eduUnknown && EDUKind.named(Self.word(bytes, $0.type)) == kind
        }
        let verdict = policy.decideEDU(kind, from: peer, recorded.record.direction)
        let passed = max(count - own.count { !$0.isWatched }, 0)
        let origin = recorded.record.direction == .inbound ? recorded.record.authenticated : recorded.record.destination
        guard verdict.isAllowed || isWatching else {
            if passed > 0 {
                note(
                    .tightened, .edu(kind), passed, recorded, nil, verdict, peer.server, origin, bytes, policy, &effects
                )
            }
            return
        }
        let isLookedInto = !isWatching && kind == .toDevice && policy.looksIntoToDevice(from: peer)
        if isLookedInto, passed > 0 { gap(.toDevice, passed, &effects) }
        for item in own where item.isOfPolicy && !item.isWatched {
            if isLookedInto {
                gap(.toDevice, 1, &effects)
            } else {
                note(
                    .loosened, .edu(kind), 1, recorded, item, verdict, peer.server, origin, bytes, policy, &effects)
            }
        }
    }

    private mutating func note(
        _ effect: PolicyDiff.Effect, _ item: ReplayChange.Item, _ count: Int, _ recorded: Recorded,
        _ refused: RefusedItem?, _ verdict: Verdict, _ server: ServerName, _ name: Range<Int>, _ bytes: Span<UInt8>,
        _ policy: Policy, _ effects: inout Effects
    ) {
        let key = ReplayTally.Key(
            effect: effect, direction: recorded.record.direction, item: item,
            state: tally.text((policy.state(of: server)?.text ?? "").utf8.span), oldTier: 0,
            newTier: tally.text(policy.tierName(of: server).utf8.span), oldReason: refused?.reason ?? .allowed,
            oldRule: tally.text(bytes.extracting(refused?.rule ?? 0..<0)), newReason: verdict.reason,
            newRule: verdict.rule)
        self.count(key, items: count, recorded.record, bytes, name, &effects)
    }

    private static func isSame(_ a: Range<Int>, _ b: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        for offset in 0..<a.count where bytes[a.lowerBound + offset] != bytes[b.lowerBound + offset] { return false }
        return true
    }
}
