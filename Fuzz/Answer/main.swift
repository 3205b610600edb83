// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import MatrixFederation

// An answer that carries events, in the pieces that its first bytes say. What is found in it does not depend on them, and what is
// read is JSON that is read in one way only.
let shapes = [Endpoint.backfill, .getStateIDs, .sendJoinV1, .sendKnock].compactMap(\.answeredEvents)

struct Reading: Equatable {
    /// The names of each event.
    var items: [[String]] = []
    var fault: AnswerFault?

    init(_ shape: AnswerShape, _ bytes: ArraySlice<UInt8>, pieces: [Int]) {
        var reader = AnswerReader(shape)
        var rest = bytes
        var (before, given) = (0, 0)
        do throws(AnswerFault) {
            for piece in pieces + [bytes.count] {
                try reader.read(Array(rest.prefix(piece)).span) { item in
                    switch item {
                    case .event(let document):
                        items.append(PDUFacts(whole: document).recordedIDs(in: document, SHA256Hasher()))
                    case .identifier(let id): items.append([id])
                    }
                }
                given += min(piece, rest.count)
                rest = rest.dropFirst(piece)
                check(reader.settled >= before && reader.settled <= given, "what is settled was given, and stays so")
                check(given - reader.settled <= AnswerReader.maxValueBytes, "what is held is bounded")
                before = reader.settled
            }
            try reader.end()
            check(reader.settled == bytes.count, "in the end all is settled")
        } catch {
            fault = error
        }
    }
}

fuzz { bytes in
    guard bytes.count > 4 else { return }
    let shape = shapes[Int(bytes[0]) % shapes.count]
    let text = bytes.dropFirst(4)
    let pieces = (0..<text.count).map { Int(bytes[1 + $0 % 3]) }
    let reading = Reading(shape, text, pieces: pieces)
    check(reading == Reading(shape, text, pieces: []), "it is read alike in any pieces")
    check(reading == Reading(shape, text, pieces: text.map { _ in 1 }), "and byte by byte")
    guard reading.fault == nil else { return }
    let limits = JSONDocument.Limits(maxBytes: 1 << 20, maxDepth: 80)
    guard let document = try? JSONDocument(reading: Array(text), limits: limits) else {
        return check(false, "what is read is JSON")
    }
    var objects = 0
    for (_, value) in document.members(of: document.root) {
        objects += document.kind(value) == .array ? document.count(value) : 1
    }
    if document.kind(document.root) == .object {
        check(reading.items.count <= objects, "each item is an element of the answer")
    }
}
