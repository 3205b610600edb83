// SPDX-License-Identifier: Apache-2.0

extension ValueDecoder {
    /// The rule that a verdict names when this value decides.
    func rule(at place: YAMLPlace? = nil) -> RuleReference {
        RuleReference(id: path, file: diagnostics.file, place: place ?? self.place)
    }

    /// A list in which no two elements are the same.
    ///
    /// - Parameter text: how an element is written, and what tells it from others.
    func distinctList<Element>(
        _ read: (ValueDecoder) -> Element?, text: (Element) -> String
    ) -> WrittenList<Element>? {
        var seen: Set<String> = []
        let elements = lenientList { item -> WrittenRule<Element>? in
            guard let element = read(item) else { return nil }
            guard seen.insert(text(element)).inserted else {
                item.fail("\(quoted(text(element))) stands in \(name) twice", todo: "remove one of the two")
                return nil
            }
            return WrittenRule(
                value: element, rule: RuleReference(id: path, file: diagnostics.file, place: item.place))
        }
        return elements.map { WrittenList(elements: $0, rule: rule()) }
    }
}

extension MappingDecoder {
    /// A key with one value.
    func written<Value>(_ key: String, _ read: (ValueDecoder) -> Value?) -> WrittenRule<Value>? {
        optional(key) { value in
            read(value).map { WrittenRule(value: $0, rule: value.rule(at: keyPlace(key))) }
        }
    }

    /// A key whose value is one of the words that the raw values of `Word` are.
    func writtenWord<Word: RawRepresentable & CaseIterable & Sendable>(
        _ key: String, _ type: Word.Type
    ) -> WrittenRule<Word>? where Word.RawValue == String {
        written(key) { $0.word(type) }
    }

    /// A key whose value is a list of distinct words.
    func writtenWords<Word: RawRepresentable & CaseIterable & Sendable>(
        _ key: String, _ noun: String, _ type: Word.Type
    ) -> WrittenList<Word>? where Word.RawValue == String {
        optional(key) { value in
            value.distinctList(
                { item in
                    item.note(.words(Word.allCases.map(\.rawValue).sorted()))
                    guard let text = item.text else { return nil }
                    if let word = Word(rawValue: text) { return word }
                    item.unknown(noun, text, of: Word.allCases.map(\.rawValue))
                    return nil
                }, text: \.rawValue)
        }
    }

    /// An entry of `tiers` whose value is a mapping. One that says nothing is a slip.
    func section<Section>(_ key: String, _ read: (MappingDecoder) -> Section) -> Section? {
        optional(key) { value in
            if case .mapping(let entries) = value.node.content, entries.isEmpty {
                value.fail("\(value.name) says nothing", todo: "write what it asks for, or remove it")
            }
            return value.mapping { read($0) }
        }
    }
}
