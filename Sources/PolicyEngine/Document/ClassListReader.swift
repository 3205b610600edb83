// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

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
                if let confusion = confusion(of: text, with: Element.self) {
                    item.fail(confusion.what, todo: confusion.todo)
                    return nil
                }
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

    /// Classes and types of EDUs stand side by side in a tier, and are easily taken for one another.
    private static func confusion<Element>(of text: String, with element: Element.Type) -> (what: String, todo: String)?
    {
        if element is EndpointClass.Type, EDUType(rawValue: text) != nil {
            return ("\(quoted(text)) is a type of EDU and no class", "write it into `edu:` of a tier")
        }
        if element is EDUType.Type, EndpointClass(rawValue: text) != nil {
            return ("\(quoted(text)) is a class and no type of EDU", "write it into `may:`")
        }
        return nil
    }
}
