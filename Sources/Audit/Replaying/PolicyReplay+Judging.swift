// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

extension PolicyReplay {
    /// What one record had for an effect.
    struct Effects {
        var isLoosened = false
        var isTightened = false
        var hasGap = false
    }

    /// What the record says of a request's way so far.
    struct Recorded {
        let record: RecordedRequest
        let reason: ReasonCode
        let endpointClass: EndpointClass
        let stage: ReplayStage
    }

    mutating func judge(
        _ record: RecordedRequest, _ bytes: Span<UInt8>, _ time: Timestamp, _ effects: inout Effects
    ) {
        guard let number = Self.reasons.known(bytes.extracting(record.reason)) else { return gap(.reason, 1, &effects) }
        let reason = ReasonCode.allCases[number]
        let known = Self.classes.known(bytes.extracting(record.endpointClass)).map { EndpointClass.allCases[$0] }
        let stage = ReplayStage(
            reason, isPassed: !bytes.holds("refuse", in: record.decision), hasRule: !record.rule.isEmpty,
            hasClass: known != nil)
        guard let endpointClass = known, stage != .beside else {
            tally.kept[reason, default: 0] += 1
            return
        }
        tally.asked += 1
        servers.forgetIfFull()
        let (policy, span) = times.policy(at: time)
        let recorded = Recorded(record: record, reason: reason, endpointClass: endpointClass, stage: stage)
        let origin = record.authenticated.isEmpty ? record.claimed : record.authenticated
        let (ownName, otherName) =
            record.direction == .inbound ? (record.destination, origin) : (origin, record.destination)
        guard !otherName.isEmpty else {
            return weigh(
                recorded, policy.decideAnonymous(endpointClass, record.direction), nil, bytes, otherName, &effects)
        }
        let own = ownName.isEmpty ? -1 : ours.known(bytes.extracting(ownName))
        guard let own else { return gap(.ownServer, 1, &effects) }
        let server = servers.number(of: bytes.extracting(otherName))
        guard let placed = servers.place(server, at: own, policy, span) else { return gap(.name, 1, &effects) }
        guard let verdict = classVerdict(recorded, placed, policy, bytes, time) else { return gap(.room, 1, &effects) }
        weigh(recorded, verdict, placed, bytes, otherName, &effects)
        guard verdict.isAllowed, stage != .refused, case .admitted(let peer) = placed.admission else { return }
        if endpointClass == .send {
            items(recorded, bytes, peer, policy, &effects)
        } else {
            contents(recorded, verdict, placed, peer, bytes, otherName, policy, &effects)
        }
    }

    /// Admission, connection, pinned keys, class and hours, as the gateway asks them; `nil`: the room decides, and is not told.
    private func classVerdict(
        _ recorded: Recorded, _ placed: PlacedServer, _ policy: Policy, _ bytes: Span<UInt8>, _ time: Timestamp
    ) -> Verdict? {
        let record = recorded.record
        let peer: Peer
        switch placed.admission {
        case .refused(let verdict): return verdict
        case .admitted(let admitted): peer = admitted
        }
        if record.direction == .inbound {
            let channel = policy.decideChannel(
                ChannelFacts(
                    version: bytes.holds("TLSv1.3", in: record.tlsVersion) ? .tls13 : .tls12,
                    hasClientCertificate: record.hasClientCertificate, suite: "", group: ""), of: peer)
            if !channel.isAllowed { return channel }
            if let refusal = keyRefusal(record, placed, bytes, time) { return refusal }
        }
        guard
            var verdict = rooms.verdict(
                of: peer, recorded.endpointClass, record.direction, policy, in: bytes.extracting(record.room))
        else { return nil }
        if verdict.isAllowed, placed.hasHours { verdict = policy.decideHours(time, with: peer) }
        return verdict.isAllowed || !isWatching ? verdict : .unopposed
    }

    /// A signature by a key that the policy does not pin, or no longer, is worth nothing under it.
    private func keyRefusal(
        _ record: RecordedRequest, _ placed: PlacedServer, _ bytes: Span<UInt8>, _ time: Timestamp
    ) -> Verdict? {
        guard let pins = placed.pins, !record.authenticated.isEmpty, !record.key.isEmpty else { return nil }
        let id = bytes.extracting(record.key)
        let pin = pins.first { pin in
            let text = pin.key.text.utf8.span
            guard text.count == id.count else { return false }
            for index in text.indices where text[index] != id[index] { return false }
            return true
        }
        guard let pin else { return .unpinnedKey }
        return pin.value.isValid(at: time) ? nil : .endedKey
    }

    /// Compares what became of the whole request with what would.
    private mutating func weigh(
        _ recorded: Recorded, _ verdict: Verdict, _ placed: PlacedServer?, _ bytes: Span<UInt8>,
        _ server: Range<Int>, _ effects: inout Effects
    ) {
        let hadPassed = recorded.stage != .refused
        guard hadPassed != verdict.isAllowed else { return }
        note(
            verdict.isAllowed ? .loosened : .tightened, .request(recorded.endpointClass), recorded, verdict, placed,
            bytes, server, &effects)
    }

    private mutating func contents(
        _ recorded: Recorded, _ verdict: Verdict, _ placed: PlacedServer, _ peer: Peer, _ bytes: Span<UInt8>,
        _ server: Range<Int>, _ policy: Policy, _ effects: inout Effects
    ) {
        let unknown: ReplayGap? =
            switch recorded.endpointClass {
            case _ where isWatching: nil
            case .join, .invite, .knock, .leave:
                policy.looksIntoEvents(by: peer.server, deliveredBy: peer, recorded.record.direction) ? .event : nil
            case .discovery, .keys, .notary: nil
            default: policy.refusesUsers ? .user : nil
            }
        if let unknown { return gap(unknown, 1, &effects) }
        guard recorded.stage == .refusedForContents else { return }
        note(.loosened, .request(recorded.endpointClass), recorded, verdict, placed, bytes, server, &effects)
    }

    private mutating func note(
        _ effect: PolicyDiff.Effect, _ item: ReplayChange.Item, _ recorded: Recorded, _ verdict: Verdict,
        _ placed: PlacedServer?, _ bytes: Span<UInt8>, _ server: Range<Int>, _ effects: inout Effects
    ) {
        let record = recorded.record
        let state =
            record.state.isEmpty
            ? tally.text((placed?.state ?? "").utf8.span) : tally.text(bytes.extracting(record.state))
        let key = ReplayTally.Key(
            effect: effect, direction: record.direction, item: item, state: state,
            oldTier: tally.text(bytes.extracting(record.tier)), newTier: tally.text((placed?.tier ?? "").utf8.span),
            oldReason: recorded.reason, oldRule: tally.text(bytes.extracting(record.rule)), newReason: verdict.reason,
            newRule: verdict.rule)
        count(key, items: 1, record, bytes, server, &effects)
    }

    mutating func count(
        _ key: ReplayTally.Key, items: Int, _ record: RecordedRequest, _ bytes: Span<UInt8>, _ server: Range<Int>,
        _ effects: inout Effects
    ) {
        if key.effect == .loosened { effects.isLoosened = true } else { effects.isTightened = true }
        tally.add(key, items: items, in: record.sequence) {
            ReplayChange.Example(
                sequence: record.sequence, time: Self.word(bytes, record.time), server: Self.word(bytes, server))
        }
    }

    mutating func gap(_ gap: ReplayGap, _ items: Int, _ effects: inout Effects) {
        tally.gaps[gap, default: ReplayTally.Count()].items += items
        // A request counts once for each gap: gaps of one kind follow each other.
        if lastGap != gap || lastGapRecord != expected {
            tally.gaps[gap, default: ReplayTally.Count()].requests += 1
            (lastGap, lastGapRecord) = (gap, expected)
        }
        effects.hasGap = true
    }

    static func word(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        var text = [UInt8]()
        text.reserveCapacity(range.count)
        for index in range { text.append(bytes[index]) }
        return RecordText.decoded(text[...])
    }
}
