// SPDX-License-Identifier: Apache-2.0

/// Reads lists of words from a fixed set.
enum ClassListReader {
    /// A word that does not exist or stands there twice is reported and left out.
    static func read<Element: RawRepresentable & CaseIterable & Hashable & Sendable>(
        _ key: String, of fields: MappingDecoder, noun: String
    ) -> ClassList<Element>? where Element.RawValue == String {
        guard let value = fields.value(key) else { return nil }
        var seen: Set<Element> = []
        let elements = value.lenientList { item -> Located<Element>? in
            item.note(.words(Element.allCases.map(\.rawValue).sorted()))
            guard let text = item.text else { return nil }
            guard let element = Element(rawValue: text) else {
                item.unknown(noun, text, of: Element.allCases.map(\.rawValue))
                return nil
            }
            guard seen.insert(element).inserted else {
                item.fail("\(quoted(text)) stands in \(value.name) twice", todo: "remove one of the two")
                return nil
            }
            return Located(value: element, place: item.place)
        }
        return elements.map { ClassList(id: value.path, place: fields.keyPlace(key), elements: $0) }
    }
}
