// SPDX-License-Identifier: Apache-2.0

/// Reads `media` of a tier.
enum MediaRulesReader {
    static func media(_ fields: MappingDecoder) -> MediaRules {
        MediaRules(
            max: fields.written("max") { $0.byteLimit(upTo: 1 << 40, "1024GiB") },
            types: fields.optional("types") { $0.distinctList(type, text: \.text) },
            requireReference: fields.written("require_reference", \.boolean),
            unknown: fields.writtenWord("unknown", Answer.self))
    }

    private static func type(_ item: ValueDecoder) -> MediaType? {
        guard let text = item.text else { return nil }
        if let type = MediaType(text) { return type }
        let lower = text.lowercased()
        item.fail(
            "\(quoted(text)) is no media type",
            todo: text != lower && MediaType(lower) != nil
                ? "write \(quoted(lower))" : "write it like `image/png`, or `image/*` for all of a kind")
        return nil
    }
}

extension ValueDecoder {
    /// A number of bytes from 1; none at all would be said by not allowing the class.
    func byteLimit(upTo highest: Int, _ what: String) -> Int? {
        guard let bytes = byteCount else { return nil }
        guard bytes > 0 else {
            fail(
                "\(name) is 0, nothing could pass", todo: "give a size, or take the class or type out of `may` or `edu`"
            )
            return nil
        }
        guard bytes <= highest else {
            fail("\(name) is larger than \(what)", todo: "give a smaller size, or remove the line")
            return nil
        }
        return bytes
    }
}
