// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// `entente probe json` and `canonical-json`: the reader of bodies.
enum JSONProbe {
    enum Demand {
        /// Any JSON value.
        case value
        /// What the body of a request must be: an object with numbers of canonical JSON.
        case object
        /// An object; the numbers in events are looked at event by event.
        case transaction
    }

    static let maxBytes = JSONDocument.Limits.federation.maxBytes
    /// Deeper than bodies may be, so that any text whose canonical form somebody asks for is likely read.
    static let canonicalDepth = 128

    static func read(_ bytes: [UInt8], _ demand: Demand) -> ProbeAnswer {
        let document: JSONDocument
        do throws(JSONFault) {
            document = try JSONDocument(reading: bytes)
        } catch {
            return .refused(fault(error, bytes))
        }
        if demand != .value, document.kind(document.root) != .object {
            return .refused(
                .init(reason: "json.invalid", text: "a request's body is an object, this is \(kind(document))"))
        }
        if demand == .object, let refused = numberFault(document) { return .refused(refused) }
        return ProbeAnswer(
            lines: [
                "\(kind(document)), \(bytes.count) bytes",
                document.isCanonical ? "its own canonical form" : "not its own canonical form",
            ] + (document.hasOnlyCanonicalNumbers ? [] : ["numbers that canonical JSON does not have"]),
            members: [
                ("kind", .text(word(document.kind(document.root)))), ("bytes", .number(bytes.count)),
                ("is_canonical", .truth(document.isCanonical)),
                ("has_only_canonical_numbers", .truth(document.hasOnlyCanonicalNumbers)),
            ])
    }

    /// The canonical form by the rules of room version 6 and later: a number that canonical JSON lacks is a fault.
    static func canonical(_ bytes: [UInt8]) -> ProbeAnswer {
        let document: JSONDocument
        do throws(JSONFault) {
            document = try JSONDocument(
                reading: bytes, limits: .init(maxBytes: maxBytes, maxDepth: canonicalDepth))
        } catch {
            return .refused(fault(error, bytes))
        }
        if let refused = numberFault(document) { return .refused(refused) }
        let canonical = document.canonical(document.root)
        return ProbeAnswer(
            members: [
                ("canonical", .text(String(decoding: canonical, as: UTF8.self))),
                ("is_canonical", .truth(document.isCanonical)),
                ("sha256", .text(SHA256.hash(canonical).base64)),
            ], output: canonical)
    }

    private static func numberFault(_ document: JSONDocument) -> ProbeAnswer.Fault? {
        guard let number = document.nonCanonicalNumber(in: document.root) else { return nil }
        let range = document.rawRange(number)
        let shown = String(decoding: document.bytes[range].prefix(40), as: UTF8.self)
        return at(
            range.lowerBound, document.bytes, reason: "json.number", kind: "nonCanonicalNumber",
            "\(quoted(shown)) is not an integer within ±(2^53−1)", pointer: nil)
    }

    private static func fault(_ fault: JSONFault, _ bytes: [UInt8]) -> ProbeAnswer.Fault {
        at(
            fault.offset, bytes, reason: fault.family.rawValue, kind: fault.kind.rawValue, text(fault.kind),
            pointer: fault.pointer)
    }

    private static func at(
        _ offset: Int, _ bytes: [UInt8], reason: String, kind: String, _ text: String, pointer: String?
    ) -> ProbeAnswer.Fault {
        let place = TextPlace(of: offset, in: bytes)
        let inside = pointer.map { ", in \(quoted($0.isEmpty ? "/" : $0))" } ?? ""
        var members: [(name: String, value: JSONValue)] = [
            ("kind", .text(kind)), ("offset", .number(offset)), ("line", .number(place.line)),
            ("column", .number(place.column)),
        ]
        if let pointer { members.append(("pointer", .text(pointer))) }
        return .init(
            reason: reason, text: "\(text) at byte \(offset) (line \(place.line), column \(place.column))\(inside)",
            members: members)
    }

    private static func text(_ kind: JSONFault.Kind) -> String {
        switch kind {
        case .unexpectedByte: "a byte that does not belong there"
        case .unexpectedEnd: "the text ends too early"
        case .trailingBytes: "something follows the value"
        case .controlCharacter: "a control character in a string"
        case .invalidEscape: "an escape that JSON does not have"
        case .duplicateKey: "a key that the object has already"
        case .tooManyBytes: "more bytes than are read"
        case .tooDeep: "values nested too deep"
        case .tooManyValues: "more values than are read"
        case .numberTooLong: "a number with too many digits"
        case .numberOverflow: "a number too large for anybody"
        case .notUTF8: "bytes that are not UTF-8"
        case .byteOrderMark: "a byte order mark"
        case .loneSurrogate: "half a surrogate pair"
        }
    }

    private static func kind(_ document: JSONDocument) -> String {
        switch document.kind(document.root) {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .integer, .decimal: "a number"
        case .true, .false: "a truth value"
        case .null: "null"
        }
    }

    private static func word(_ kind: JSONDocument.Kind) -> String {
        switch kind {
        case .object: "object"
        case .array: "array"
        case .string: "string"
        case .integer, .decimal: "number"
        case .true, .false: "boolean"
        case .null: "null"
        }
    }
}
