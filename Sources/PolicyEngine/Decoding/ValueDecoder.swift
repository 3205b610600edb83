// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// One value of a YAML file and what it is called, read as what the place wants.
///
/// Every reader gives `nil` after it has reported why; nothing is guessed. A plain `NO` read as text is the text `NO`.
package struct ValueDecoder {
    package let node: YAMLNode
    /// The path of keys for messages, for example `tiers.eu.inbound`.
    package let path: String
    package let diagnostics: Diagnostics
    /// The path without the operator's own names and numbers, for example `tiers.*.inbound`.
    let shape: String

    /// - Parameter shape: `nil`: the path itself.
    package init(_ node: YAMLNode, path: String, shape: String? = nil, diagnostics: Diagnostics) {
        self.node = node
        self.path = path
        self.shape = shape ?? path
        self.diagnostics = diagnostics
    }

    func note(_ kind: ShapeRecorder.Kind) { diagnostics.shapes?.note(shape) { $0.kinds.insert(kind) } }

    package var place: YAMLPlace { node.place }

    /// Reports something that is wrong with this value.
    package func fail(_ what: String, todo: String) {
        diagnostics.error(at: place, what, todo: todo)
    }

    /// What is written, or while shapes are recorded what makes the reader go on where nothing is.
    private func content(or probe: YAMLNode.Content) -> YAMLNode.Content {
        node.isAbsent && diagnostics.shapes != nil ? probe : node.content
    }

    /// How a message calls this value.
    package var name: String { path.isEmpty ? "the document" : quoted(path) }

    /// What was written here, for messages.
    private var kind: String {
        switch node.content {
        case .scalar(let text, let isQuoted):
            node.isAbsent ? "nothing" : (isQuoted ? "the quoted text " : "") + quoted(text)
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    package func wrongType(_ wanted: String, todo: String) {
        fail("\(name) must be \(wanted), not \(kind)", todo: todo)
    }

    // MARK: Scalars

    /// The scalar's characters, whether plain or quoted; not empty.
    package var text: String? {
        note(.text)
        guard case .scalar(let text, _) = node.content, !text.isEmpty else {
            wrongType("a text", todo: "write a text")
            return nil
        }
        return text
    }

    /// `true` or `false`, plain. YAML 1.1's `yes`, `no`, `on` and `off` are texts.
    package var boolean: Bool? {
        note(.boolean)
        switch node.content {
        case .scalar("true", isQuoted: false): return true
        case .scalar("false", isQuoted: false): return false
        default:
            wrongType("`true` or `false`", todo: "write `true` or `false`, without quotes")
            return nil
        }
    }

    /// Plain decimal digits, a leading `-` if negative; no `+`, no leading zeros, no underscores, nothing of base 8 or 16.
    package func integer(in range: ClosedRange<Int64>) -> Int64? {
        note(.integer(range))
        guard case .scalar(let text, isQuoted: false) = node.content, let value = StrictNumber.integer(text) else {
            wrongType("an integer", todo: "write decimal digits, without quotes, leading zeros or underscores")
            return nil
        }
        guard range.contains(value) else {
            fail(
                "\(name) is \(value), outside of \(range.lowerBound) to \(range.upperBound)",
                todo: "write a number in that range")
            return nil
        }
        return value
    }

    package func int(in range: ClosedRange<Int>) -> Int? {
        integer(in: Int64(range.lowerBound)...Int64(range.upperBound)).map { Int($0) }
    }

    /// One of the words that the raw values of `Word` are.
    package func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> Word? where Word.RawValue == String {
        note(.words(type.allCases.map(\.rawValue).sorted()))
        guard case .scalar(let text, _) = node.content, !text.isEmpty else {
            wrongType("a word", todo: "write \(oneOf(type.allCases.map(\.rawValue)))")
            return nil
        }
        if let word = Word(rawValue: text) { return word }
        unknown("value", text, of: type.allCases.map(\.rawValue))
        return nil
    }

    /// A length of time: an integer and `ms`, `s`, `min`, `h` or `d`, without a space.
    package var duration: Duration? {
        note(.duration)
        guard case .scalar(let text, _) = node.content, let value = StrictNumber.duration(text) else {
            wrongType("a length of time", todo: "write a number with `ms`, `s`, `min`, `h` or `d`, for example `10s`")
            return nil
        }
        return value
    }

    /// A number of bytes: an integer and `B`, `KiB`, `MiB` or `GiB`, without a space.
    package var byteCount: Int? {
        note(.byteCount)
        guard case .scalar(let text, _) = node.content, let value = StrictNumber.byteCount(text) else {
            wrongType("a number of bytes", todo: "write a number with `B`, `KiB`, `MiB` or `GiB`, for example `10MiB`")
            return nil
        }
        return value
    }

    /// The first instant that is no longer included: `2027-06-30` includes that day in UTC, `2027-06-30T12:00:00Z` is itself.
    package var end: Timestamp? {
        note(.date)
        guard case .scalar(let text, _) = node.content, let value = StrictDate.end(text) else {
            wrongType(
                "a date or an instant in UTC", todo: "write it like `2027-06-30` or `2027-06-30T12:00:00Z`")
            return nil
        }
        return value
    }

    /// Reports that `word` is not among `known`, and the one that was probably meant.
    package func unknown(_ noun: String, _ word: String, of known: [String]) {
        let sorted = known.sorted()
        let todo: String
        if let near = nearestName(to: word, in: sorted) {
            todo = "did you mean \(quoted(near))?"
        } else {
            todo = sorted.isEmpty ? "remove it" : "write \(oneOf(sorted))"
        }
        let context = noun == "value" ? "unknown value \(quoted(word)) of \(name)" : "unknown \(noun) \(quoted(word))"
        fail(context, todo: todo)
    }

    // MARK: Collections

    /// Every element read by `read`; `nil` if this is not a list or an element is wrong (all wrong ones are reported).
    package func list<Element>(_ read: (ValueDecoder) -> Element?) -> [Element]? {
        diagnostics.shapes?.note(shape) { $0.isList = true }
        guard case .sequence(let nodes) = content(or: .sequence([.absent])) else {
            wrongType("a list", todo: "write `[a, b]`, or one `- a` a line")
            return nil
        }
        var elements: [Element] = []
        for (index, node) in nodes.enumerated() {
            let decoder = ValueDecoder(node, path: "\(path)[\(index)]", shape: shape + "[]", diagnostics: diagnostics)
            if let element = read(decoder) { elements.append(element) }
        }
        return elements.count == nodes.count ? elements : nil
    }

    /// A mapping with known keys: `read` asks for them; what it did not ask for is reported as unknown afterwards.
    package func mapping<Value>(_ read: (MappingDecoder) -> Value?) -> Value? {
        diagnostics.shapes?.note(shape) { $0.isMapping = true }
        guard case .mapping(let entries) = content(or: .mapping([])) else {
            wrongType("a mapping", todo: "write `key: value` lines")
            return nil
        }
        let decoder = MappingDecoder(entries, of: self)
        let value = read(decoder)
        decoder.finish()
        return value
    }

    /// A mapping whose keys are the operator's own names; calls `each` with key and value in the order of the file.
    package func entries(_ each: (_ key: ValueDecoder, _ value: ValueDecoder) -> Void) {
        diagnostics.shapes?.note(shape) { $0.hasFreeKeys = true }
        let any = YAMLNode.Entry(key: "name", keyPlace: .wholeFile, value: .absent)
        guard case .mapping(let entries) = content(or: .mapping([any])) else {
            wrongType("a mapping", todo: "write `name: value` lines")
            return
        }
        let inner = shape.isEmpty ? "*" : shape + ".*"
        for entry in entries {
            let path = path.isEmpty ? entry.key : "\(self.path).\(entry.key)"
            let key = YAMLNode(.scalar(text: entry.key, isQuoted: true), at: entry.keyPlace)
            each(
                ValueDecoder(key, path: path, shape: inner + "#name", diagnostics: diagnostics),
                ValueDecoder(entry.value, path: path, shape: inner, diagnostics: diagnostics))
        }
    }
}
