// SPDX-License-Identifier: Apache-2.0

/// Finds the events in an answer while its bytes come, in pieces of any size.
///
/// A machine: bytes go in, events come out, in the order in which they end. The answer's object is taken apart into its keys, the
/// elements of its lists, and its other values; each of these is held until it is whole and read by the strict reader. So
/// memory is bounded by the largest of them, however long the answer is, and what is found does not depend on the pieces.
package struct AnswerReader: Sendable {
    /// Bytes of one value as it is written: four times the limit of an event's canonical form, since escapes make it longer.
    package static let maxValueBytes = 4 * PDUFacts.maxBytes
    package static let maxMembers = 64
    static let maxKeyBytes = 1024

    private enum Place {
        case start
        // Of a pair.
        case status, afterStatus, paired, afterPaired
        // Of the object.
        case firstKey, key, colon, value, afterValue
        // Of a list that is a member.
        case firstElement, element, afterElement
        case end
    }

    private let shape: AnswerShape
    private var place = Place.start
    private var isPaired = false
    /// What the member that is being read has to be.
    private var content: AnswerShape.Content?
    private var keys: [[UInt8]] = []
    /// The key, element or other value that is not whole yet.
    private var scan: ValueScan?
    private var value: [UInt8] = []
    private var fault: AnswerFault?

    /// How many bytes of the answer were read that belong to nothing half read.
    package private(set) var settled = 0

    package init(_ shape: AnswerShape) { self.shape = shape }

    /// Reads the next piece. After a fault nothing can be read any more.
    package mutating func read(_ bytes: Span<UInt8>, _ take: (AnswerItem) -> Void) throws(AnswerFault) {
        if let fault { throw fault }
        do {
            try readOn(bytes, take)
        } catch {
            fault = error
            throw error
        }
    }

    /// Nothing more comes.
    package mutating func end() throws(AnswerFault) {
        if let fault { throw fault }
        guard place == .end else {
            fault = .cutOff
            throw .cutOff
        }
    }

    private mutating func readOn(_ bytes: Span<UInt8>, _ take: (AnswerItem) -> Void) throws(AnswerFault) {
        var at = 0
        while at < bytes.count {
            if var scan {
                let (end, isWhole) = scan.run(bytes, from: at)
                try hold(bytes, at..<end)
                at = end
                self.scan = isWhole ? nil : scan
                if isWhole { try finishValue(take) }
                continue
            }
            let byte = bytes[at]
            if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
                at += 1
                settled += 1
            } else if try takesStructure(byte) {
                at += 1
                settled += 1
            } else {
                try expectValue(byte)
                scan = ValueScan(first: byte)
            }
        }
    }

    private mutating func hold(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(AnswerFault) {
        let limit = place == .firstKey || place == .key ? Self.maxKeyBytes : Self.maxValueBytes
        guard value.count + range.count <= limit else { throw .tooLarge }
        unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe value.append(contentsOf: $0) }
    }

    // MARK: Between values

    /// Whether `byte` is a bracket, comma or colon of the answer itself that may stand here.
    private mutating func takesStructure(_ byte: UInt8) throws(AnswerFault) -> Bool {
        switch (place, byte) {
        case (.start, UInt8(ascii: "{")), (.paired, UInt8(ascii: "{")): place = .firstKey
        case (.start, UInt8(ascii: "[")) where shape.mayBePaired:
            isPaired = true
            place = .status
        case (.afterStatus, UInt8(ascii: ",")): place = .paired
        case (.afterPaired, UInt8(ascii: "]")): place = .end
        case (.firstKey, UInt8(ascii: "}")), (.afterValue, UInt8(ascii: "}")): place = isPaired ? .afterPaired : .end
        case (.colon, UInt8(ascii: ":")): place = .value
        case (.afterValue, UInt8(ascii: ",")): place = .key
        case (.value, UInt8(ascii: "[")):
            if content == .event || content == .identifier { throw .shape }
            place = .firstElement
        case (.firstElement, UInt8(ascii: "]")), (.afterElement, UInt8(ascii: "]")): place = .afterValue
        case (.afterElement, UInt8(ascii: ",")): place = .element
        default: return false
        }
        return true
    }

    /// Whether a value may begin here.
    private func expectValue(_ byte: UInt8) throws(AnswerFault) {
        switch place {
        case .firstElement, .element: return
        case .value where content != .events && content != .identifiers: return
        case .value: throw .shape
        case .firstKey, .key:
            guard byte == UInt8(ascii: "\"") else { throw .json(.unexpectedByte) }
        case .status:
            guard byte != UInt8(ascii: "{"), byte != UInt8(ascii: "[") else { throw .shape }
        case .start, .paired: throw .shape
        case .afterStatus, .afterPaired, .colon, .afterValue, .afterElement: throw .json(.unexpectedByte)
        case .end: throw .json(.trailingBytes)
        }
    }

    // MARK: Whole values

    private mutating func finishValue(_ take: (AnswerItem) -> Void) throws(AnswerFault) {
        let text = value
        value.removeAll(keepingCapacity: value.capacity <= 4096)
        settled += text.count
        let document: JSONDocument
        do throws(JSONFault) {
            document = try JSONDocument(reading: text, limits: JSONDocument.Limits(maxBytes: Self.maxValueBytes))
        } catch {
            throw .json(error.kind)
        }
        switch place {
        case .firstKey, .key:
            try takeKey(document.decodedBytes(document.root) ?? [])
            place = .colon
        case .status: place = .afterStatus
        case .firstElement, .element:
            try takeValue(document, take)
            place = .afterElement
        default:
            try takeValue(document, take)
            place = .afterValue
        }
    }

    private mutating func takeKey(_ key: [UInt8]) throws(AnswerFault) {
        guard !keys.contains(key) else { throw .repeatedMember }
        guard keys.count < Self.maxMembers else { throw .tooManyMembers }
        keys.append(key)
        content = shape.content(of: key.span)
    }

    private func takeValue(_ document: JSONDocument, _ take: (AnswerItem) -> Void) throws(AnswerFault) {
        let kind = document.kind(document.root)
        switch content {
        case .events, .event:
            guard kind == .object else { throw .shape }
        case .identifiers, .identifier:
            guard let id = document.string(document.root) else { throw .shape }
            return take(.identifier(EventID.urlSafe(id)))
        case nil:
            guard kind == .object, document.hasFormOfEvent else { return }
        }
        take(.event(document))
    }
}

extension JSONDocument {
    /// Whether it says who wrote it, and what its hash is: stripped state does not.
    fileprivate var hasFormOfEvent: Bool { member("sender", of: root) != nil && member("hashes", of: root) != nil }
}
