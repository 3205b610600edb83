// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// What a record of a decision says that a policy can be asked about, as ranges of its bytes. Empty: the record does not
/// say it. Texts are still escaped.
struct RecordedRequest {
    enum Kind { case request, outcome, aggregated, notice }

    var kind = Kind.notice
    var sequence = 0
    var time = 0..<0
    var decision = 0..<0
    var direction = Direction.inbound
    var endpointClass = 0..<0
    var reason = 0..<0
    var rule = 0..<0
    var room = 0..<0
    /// The whole object.
    var policy = 0..<0
    var isShadowed = false
    var claimed = 0..<0
    var authenticated = 0..<0
    var key = 0..<0
    var state = 0..<0
    var tier = 0..<0
    var destination = 0..<0
    /// The whole arrays and object.
    var authors = 0..<0
    var refusals = 0..<0
    var edus = 0..<0
    var isCut = false
    /// Of an aggregated record: how many refusals it stands for.
    var count = 0
    var tlsVersion = 0..<0
    var hasClientCertificate = false

    /// `nil` if it has not the form of a record.
    init?(_ bytes: Span<UInt8>) {
        var cursor = RecordCursor(0..<bytes.count)
        var isWhole = true
        let isObject = cursor.members(bytes) { key, value in
            switch key.count {
            case 1, 2: break
            case 3:
                if bytes.holds("seq", in: key) { sequence = bytes.number(value) ?? 0 }
                if bytes.holds("tls", in: key) { isWhole = readTLS(bytes, value) && isWhole }
            case 4:
                if bytes.holds("kind", in: key) {
                    let kind = bytes.unquoted(value)
                    self.kind =
                        bytes.holds("request", in: kind)
                        ? .request
                        : bytes.holds("outcome", in: kind)
                            ? .outcome : bytes.holds("audit.aggregated", in: kind) ? .aggregated : .notice
                } else if bytes.holds("time", in: key) {
                    time = bytes.unquoted(value)
                } else if bytes.holds("room", in: key) {
                    room = bytes.unquoted(value)
                } else if bytes.holds("edus", in: key) {
                    edus = value
                }
            case 5: if bytes.holds("count", in: key) { count = bytes.number(value) ?? 0 }
            case 6:
                if bytes.holds("origin", in: key) {
                    isWhole = readOrigin(bytes, value) && isWhole
                } else if bytes.holds("policy", in: key) {
                    policy = value
                }
            case 7:
                if bytes.holds("rule_id", in: key) {
                    rule = bytes.unquoted(value)
                } else if bytes.holds("authors", in: key) {
                    authors = value
                }
            case 8:
                if bytes.holds("decision", in: key) {
                    decision = bytes.unquoted(value)
                } else if bytes.holds("refusals", in: key) {
                    refusals = value
                }
            case 9:
                if bytes.holds("direction", in: key), bytes.holds("outbound", in: bytes.unquoted(value)) {
                    direction = .outbound
                }
            case 11:
                if bytes.holds("reason_code", in: key) {
                    reason = bytes.unquoted(value)
                } else if bytes.holds("destination", in: key) {
                    var inner = RecordCursor(value)
                    isWhole =
                        inner.members(bytes) { key, value in
                            if bytes.holds("server", in: key) { destination = bytes.unquoted(value) }
                        } && isWhole
                }
            case 14: if bytes.holds("endpoint_class", in: key) { endpointClass = bytes.unquoted(value) }
            case 15: if bytes.holds("authors_omitted", in: key) { isCut = true }
            case 16: if bytes.holds("refusals_omitted", in: key) { isCut = true }
            default: break
            }
        }
        guard isObject, isWhole, cursor.at == bytes.count, sequence > 0, time.count == 27 else { return nil }
        if kind == .request, decision.isEmpty || reason.isEmpty { return nil }
    }

    private mutating func readOrigin(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool {
        var inner = RecordCursor(value)
        var (claimed, authenticated, keyID, state, tier) = (0..<0, 0..<0, 0..<0, 0..<0, 0..<0)
        let isObject = inner.members(bytes) { key, value in
            if bytes.holds("claimed", in: key) {
                claimed = bytes.unquoted(value)
            } else if bytes.holds("authenticated", in: key) {
                authenticated = bytes.unquoted(value)
            } else if bytes.holds("key_id", in: key) {
                keyID = bytes.unquoted(value)
            } else if bytes.holds("state", in: key) {
                state = bytes.unquoted(value)
            } else if bytes.holds("tier", in: key) {
                tier = bytes.unquoted(value)
            }
        }
        (self.claimed, self.authenticated, self.key) = (claimed, authenticated, keyID)
        (self.state, self.tier) = (state, tier)
        return isObject
    }

    private mutating func readTLS(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool {
        var inner = RecordCursor(value)
        var version = 0..<0
        var hasCertificate = false
        let isObject = inner.members(bytes) { key, value in
            if bytes.holds("version", in: key) { version = bytes.unquoted(value) }
            if bytes.holds("peer_spki", in: key) { hasCertificate = true }
        }
        (tlsVersion, hasClientCertificate) = (version, hasCertificate)
        return isObject
    }
}
