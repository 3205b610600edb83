// SPDX-License-Identifier: Apache-2.0

/// What is known of a media file when it is to pass. `nil`: not known.
package struct MediaFacts: Hashable, Sendable {
    package var bytes: Int?
    /// As in `Content-Type`; parameters are not looked at.
    package var type: String?
    /// Whether an event that went to the peer names it.
    package var isReferenced: Bool?

    package init(bytes: Int? = nil, type: String? = nil, isReferenced: Bool? = nil) {
        self.bytes = bytes
        self.type = type
        self.isReferenced = isReferenced
    }
}

extension MediaFacts {
    /// For people, behind `a file`.
    var text: String {
        let size = bytes.map { "of \($0) bytes" } ?? "of unknown size"
        let reference =
            isReferenced.map { $0 ? "shown by an event" : "shown by no event" } ?? "of which no event is known"
        return "\(size), \(type.map { "of type \(quoted($0))" } ?? "of unknown type"), \(reference)"
    }
}

/// `media`: size, types and whether a file must have been shown to whoever asks for it. AC-77.
struct MediaRules: Sendable {
    /// Bytes of one file.
    var max: WrittenRule<Int>?
    var types: WrittenList<MediaType>?
    var requireReference: WrittenRule<Bool>?

    var isEmpty: Bool { max == nil && types == nil && requireReference == nil }

    func inheriting(_ base: MediaRules) -> MediaRules {
        MediaRules(
            max: max ?? base.max, types: types ?? base.types,
            requireReference: requireReference ?? base.requireReference)
    }

    /// - Parameter others: those that speak instead of these rules for each key that one of them names; of several each
    ///   must be met.
    func judge(_ facts: MediaFacts, insteadBy others: [MediaRules]) -> Finding? {
        var own = self
        if others.contains(where: { $0.max != nil }) { own.max = nil }
        if others.contains(where: { $0.types != nil }) { own.types = nil }
        if others.contains(where: { $0.requireReference != nil }) { own.requireReference = nil }
        for rules in others + [own] {
            if let finding = rules.judge(facts) { return finding }
        }
        return nil
    }

    /// What is not known and is asked for refuses.
    func judge(_ facts: MediaFacts) -> Finding? {
        if let max, facts.bytes.map({ $0 > max.value }) ?? true { return .refused(.mediaDenied, max.rule) }
        if let types {
            guard let type = facts.type, types.elements.contains(where: { $0.value.matches(type) }) else {
                return .refused(.mediaDenied, types.rule)
            }
        }
        if let requireReference, requireReference.value, facts.isReferenced != true {
            return .refused(.mediaDenied, requireReference.rule)
        }
        return nil
    }

    /// The same under another name: `media` of an exception is called by its id, not by its number.
    func renamed(_ prefix: String) -> MediaRules {
        func rename(_ rule: RuleReference, _ key: String) -> RuleReference {
            RuleReference(id: "\(prefix).\(key)", file: rule.file, place: YAMLPlace(rule))
        }
        return MediaRules(
            max: max.map { WrittenRule(value: $0.value, rule: rename($0.rule, "max")) },
            types: types.map { WrittenList(elements: $0.elements, rule: rename($0.rule, "types")) },
            requireReference: requireReference.map {
                WrittenRule(value: $0.value, rule: rename($0.rule, "require_reference"))
            })
    }

    var canonical: [String] {
        var lines: [String] = []
        if let max { lines.append("media.max \(max.value)") }
        if let types {
            lines.append("media.types " + types.elements.map(\.value.text).sorted().joined(separator: ","))
        }
        if let requireReference { lines.append("media.require_reference \(requireReference.value)") }
        return lines
    }
}

/// `image/png`, or `image/*` for all of a kind. Lower case.
struct MediaType: Hashable, Sendable {
    let text: String
    private let kind: [UInt8]
    /// `nil` for `*`.
    private let subtype: [UInt8]?

    /// `nil` for what is not two names with a `/` between them. Source: RFC 9110, section 8.3.1.
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 127, Self.isName(parts[0]) else { return nil }
        let isWild = parts[1].elementsEqual("*".utf8)
        guard isWild || Self.isName(parts[1]) else { return nil }
        self.text = text
        kind = Array(parts[0])
        subtype = isWild ? nil : Array(parts[1])
    }

    /// Lower case; the other signs are those of a `restricted-name` of RFC 6838.
    private static func isName(_ bytes: Substring.UTF8View) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x7A: true
                default: "!#$&-^_.+".utf8.contains(byte)
                }
            }
    }

    /// - Parameter contentType: in any case, with or without parameters.
    func matches(_ contentType: String) -> Bool {
        let essence = contentType.utf8.prefix { $0 != UInt8(ascii: ";") }
            .filter { $0 != 0x20 && $0 != 0x09 }
            .map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let parts = essence.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].elementsEqual(kind), !parts[1].isEmpty else { return false }
        return subtype.map { parts[1].elementsEqual($0) } ?? true
    }

    /// Whether everything of this type is of the other.
    func isWithin(_ other: MediaType) -> Bool {
        kind == other.kind && (other.subtype == nil || other.subtype == subtype)
    }
}
