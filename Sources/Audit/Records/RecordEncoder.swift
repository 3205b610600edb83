// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// Turns records into canonical JSON, leaving out the sequence number, which only the writer knows.
///
/// One for each thread that submits; its buffer is used again.
struct RecordEncoder: ~Copyable, Sendable {
    /// A record with its sequence number stays below this; C2SP tlog-tiles bundles carry 16-bit lengths.
    static let recordLimit = 65_535
    /// `authors`, the first member but for a few codes, stops here.
    static let authorsLimit = 16_384
    /// `refusals` stops here: one more and all that follows take less than the rest, whatever they hold.
    static let refusalsLimit = 56_000
    /// So many references, and pseudonyms, a list has at most.
    static let eventsLimit = 128
    static let roomsLimit = 50
    static let peopleLimit = 50
    /// Besides the first.
    static let otherEventsLimit = 4

    private(set) var json = JSONWriter(capacity: 4096)
    /// Where the digits of the sequence number go.
    private(set) var sequenceOffset = 0
    /// Why what was encoded last must not be stored; `nil`: it may.
    var failure: AuditError?
    /// `"node":"…"` as JSON, the value alone.
    private let node: [UInt8]
    private var clock = RFC3339Clock()
    /// `nil`: people and files are not named.
    let pseudonyms: Pseudonyms?
    /// `nil`: nothing is sealed.
    let sealer: RecordSealer?

    init(node: String, pseudonyms: Pseudonyms? = nil, sealer: RecordSealer? = nil) {
        (self.pseudonyms, self.sealer) = (pseudonyms, sealer)
        var writer = JSONWriter()
        writer.string(node, limit: 255)
        self.node = writer.bytes
    }

    var bytes: [UInt8] { json.bytes }

    /// The record with a sequence number, for places outside the log.
    func complete(sequence: UInt64) -> [UInt8] {
        let bytes = bytes
        return bytes[..<sequenceOffset] + Array(String(sequence).utf8) + bytes[sequenceOffset...]
    }

    /// Starts a record; the caller then writes its members in sorted order.
    mutating func begin() {
        failure = nil
        json.reset()
        json.beginObject()
    }

    mutating func kind(_ quoted: StaticString) {
        json.key(#""kind":"#)
        json.raw(quoted)
    }

    mutating func nodeMember() {
        json.key(#""node":"#)
        json.raw(node)
    }

    mutating func sequence() {
        json.key(#""seq":"#)
        sequenceOffset = json.count
    }

    mutating func time(_ key: StaticString, microseconds: Int64) {
        clock.set(microseconds: microseconds)
        json.key(key)
        json.raw("\"")
        json.raw(clock.text)
        json.raw("\"")
    }

    mutating func end() {
        json.key(#""v":1"#)
        json.endObject()
    }

    var written: Int { json.count }

    mutating func member(_ key: StaticString, _ text: String?, limit: Int = JSONWriter.fieldLimit) {
        json.member(key, text, limit: limit)
    }

    mutating func member(_ key: StaticString, _ value: Int?) { json.member(key, value) }

    mutating func member(_ key: StaticString, _ value: Int64?) { json.member(key, value) }

    mutating func member(_ key: StaticString, _ value: UInt64) {
        json.key(key)
        json.unsigned(value)
    }

    /// Left out when zero.
    mutating func count(_ key: StaticString, _ value: Int) {
        if value != 0 { json.member(key, value) }
    }

    mutating func reference(_ key: StaticString, _ reference: Reference?) {
        guard let reference else { return }
        json.key(key)
        json.raw("\"")
        json.hexadecimal(reference)
        json.raw("\"")
    }

    /// A reference inside an array.
    mutating func element(_ reference: Reference) {
        json.element()
        json.raw("\"")
        json.hexadecimal(reference)
        json.raw("\"")
        json.elementEnds()
    }

    /// - Parameters:
    ///   - omittedKey: of the number of those for which there is no room.
    ///   - more: how many were left out before.
    mutating func references(
        _ opening: StaticString, _ omittedKey: StaticString, _ references: [Reference], more: Int = 0, limit: Int
    ) {
        if !references.isEmpty {
            object(opening)
            for reference in references.prefix(limit) { element(reference) }
            closeArray()
        }
        count(omittedKey, max(references.count - limit, 0) + more)
    }

    mutating func digest(_ key: StaticString, _ digest: Digest?) {
        guard let digest else { return }
        json.key(key)
        json.raw("\"")
        json.hexadecimal(digest)
        json.raw("\"")
    }

    /// Whole, however long it is.
    mutating func base64(_ key: StaticString, _ bytes: [UInt8]) {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        Base64.append(bytes.span, to: &text)
        json.key(key)
        json.raw("\"")
        json.raw(text)
        json.raw("\"")
    }

    mutating func policy(_ policy: PolicyStamp?) { stamp(#""policy":"#, policy) }

    mutating func stamp(_ key: StaticString, _ policy: PolicyStamp?) {
        guard let policy else { return }
        json.key(key)
        json.raw(policy.encoded)
    }

    /// - Parameter opening: the key with its colon and the opening bracket.
    mutating func object(_ opening: StaticString) { json.open(opening) }

    /// Starts an object inside an array.
    mutating func element() {
        json.element()
        json.beginObject()
    }

    /// A string inside an array.
    mutating func text(_ text: String) {
        json.elementText(text)
    }

    mutating func close() { json.endObject() }

    mutating func closeArray() { json.endArray() }
}
