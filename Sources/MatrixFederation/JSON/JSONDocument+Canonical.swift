// SPDX-License-Identifier: Apache-2.0

/// Writing canonical JSON: specification, Appendices, "Canonical JSON".
extension JSONDocument {
    /// Appends the canonical form of a value.
    ///
    /// What is written canonically already is copied; the form is never longer than the text, numbers of old room
    /// versions excepted. Recurses as deep as the value is nested, which the limits of reading bound.
    /// - Parameter omitting: members left out if the value is an object; not looked for further inside.
    package func appendCanonical(_ node: Node, omitting: [StaticString] = [], to output: inout [UInt8]) {
        let entry = self[node]
        if omitting.isEmpty || entry.kind != .object {
            appendValue(Int(node.index), to: &output)
        } else {
            appendObject(Int(node.index), omitting: omitting, to: &output)
        }
    }

    /// The canonical form of a value.
    package func canonical(_ node: Node, omitting: [StaticString] = []) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(rawRange(node).count)
        appendCanonical(node, omitting: omitting, to: &output)
        return output
    }

    private func appendValue(_ index: Int, to output: inout [UInt8]) {
        let entry = entries[index]
        guard !entry.flags.contains(.canonical) else {
            output += bytes[rawRange(Node(index: Int32(truncatingIfNeeded: index)))]
            return
        }
        switch entry.kind {
        case .object:
            appendObject(index, omitting: [], to: &output)
        case .array:
            output.append(UInt8(ascii: "["))
            var at = index + 1
            while at < Int(entry.next) {
                if at > index + 1 { output.append(UInt8(ascii: ",")) }
                appendValue(at, to: &output)
                at = Int(entries[at].next)
            }
            output.append(UInt8(ascii: "]"))
        case .string:
            appendString(entry, to: &output)
        case .integer:
            // Of integers only minus zero is written otherwise.
            output.append(UInt8(ascii: "0"))
        case .decimal:
            output += DecimalText.canonical(Array(bytes[rawRange(Node(index: Int32(truncatingIfNeeded: index)))])) ?? []
        case .true, .false, .null:
            break
        }
    }

    private func appendObject(_ index: Int, omitting: [StaticString], to output: inout [UInt8]) {
        let object = entries[index]
        output.append(UInt8(ascii: "{"))
        let first = output.count
        if object.flags.contains(.unordered) {
            for key in KeyOrder.sorted(entries, index, Int(object.next), bytes.span) {
                appendMember(Int(key), first, omitting, to: &output)
            }
        } else {
            var at = index + 1
            while at < Int(object.next) {
                appendMember(at, first, omitting, to: &output)
                at = Int(entries[at + 1].next)
            }
        }
        output.append(UInt8(ascii: "}"))
    }

    private func appendMember(_ key: Int, _ first: Int, _ omitting: [StaticString], to output: inout [UInt8]) {
        for name in omitting {
            let isOmitted = unsafe equals(
                entries[key], UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount).span)
            if isOmitted { return }
        }
        if output.count > first { output.append(UInt8(ascii: ",")) }
        appendValue(key, to: &output)
        output.append(UInt8(ascii: ":"))
        appendValue(key + 1, to: &output)
    }

    private func appendString(_ entry: JSONEntry, to output: inout [UInt8]) {
        var walk = EscapedBytes(entry)
        let all = bytes.span
        output.append(UInt8(ascii: "\""))
        while let byte = walk.next(all) { JSONText.appendEscaped(byte, to: &output) }
        output.append(UInt8(ascii: "\""))
    }
}
