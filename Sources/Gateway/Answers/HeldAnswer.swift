// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import NIOCore

/// An answer that carries events, while it comes: which records its events need, and which bytes may pass once those are there.
///
/// A machine: bytes go in, records and bytes come out. It holds little whatever comes: `mostBytes`, one piece and one event.
/// Nothing of an event passes, not even its beginning, before it is on record whole.
struct HeldAnswer {
    /// Of an event or an ID a record has one reference, of few events some more.
    static let mostReferences = 500
    /// So many bytes wait for more events to be recorded with them.
    static let mostBytes = 262_144

    private var reader: AnswerReader
    private var batch: Batch
    /// In order, what has come and not passed.
    private var held: [ByteBuffer] = []
    private var come = 0
    private var passed = 0
    /// So many bytes may pass once the records that were asked for are there.
    private var covered = 0
    private var hasEnded = false
    private var isUnread = false

    private struct Batch {
        let references: ReferenceMaker?
        var full: [AnsweredEvents] = []
        var current = AnsweredEvents()

        mutating func add(_ item: AnswerItem) {
            switch item {
            case .event(let document):
                current.events += 1
                if let references {
                    current.references += references.references(of: PDUFacts(whole: document), in: document)
                }
            case .identifier(let id):
                current.ids += 1
                if let references { current.named.append(references.reference(.event, id)) }
            }
            guard current.references.count + current.named.count >= HeldAnswer.mostReferences else { return }
            full.append(current)
            current = AnsweredEvents()
        }

        var isEmpty: Bool { full.isEmpty && current == AnsweredEvents() }
    }

    /// - Parameter references: `nil`: events are counted and not named.
    init(_ shape: AnswerShape, _ references: ReferenceMaker?) {
        reader = AnswerReader(shape)
        batch = Batch(references: references)
    }

    private var heldBytes: Int { come - passed }

    /// Takes the next piece.
    mutating func take(_ bytes: ByteBuffer) throws(AnswerFault) {
        come += bytes.readableBytes
        held.append(bytes)
        guard !isUnread else { return }
        var taken = batch
        batch = Batch(references: nil)
        defer { batch = taken }
        try reader.read(bytes.readableBytesUInt8Span) { taken.add($0) }
    }

    /// Nothing more comes.
    mutating func end() throws(AnswerFault) {
        hasEnded = true
        if !isUnread { try reader.end() }
    }

    /// What cannot be read passes all the same, from here on.
    mutating func passUnread() { isUnread = true }

    /// What has to be recorded now before more passes; empty: nothing, or more should come first.
    mutating func due() -> [AnsweredEvents] {
        guard !batch.isEmpty else {
            covered = settled
            return []
        }
        guard !batch.full.isEmpty || heldBytes >= Self.mostBytes || hasEnded || isUnread else { return [] }
        covered = settled
        defer { batch = Batch(references: batch.references) }
        return batch.current == AnsweredEvents() ? batch.full : batch.full + [batch.current]
    }

    private var settled: Int { isUnread || hasEnded ? come : reader.settled }

    /// How many bytes the records that were asked for last let pass.
    var coveredBytes: Int { covered - passed }

    /// The bytes that may pass, now that everything asked for is on record.
    mutating func release() -> [ByteBuffer] {
        var released: [ByteBuffer] = []
        var whole = 0
        for var buffer in held {
            let most = covered - passed
            guard most > 0 else { break }
            if buffer.readableBytes <= most {
                passed += buffer.readableBytes
                released.append(buffer)
                whole += 1
            } else if let slice = buffer.readSlice(length: most) {
                passed += most
                released.append(slice)
                held[whole] = buffer
                break
            }
        }
        held.removeFirst(whole)
        return released
    }
}
