// SPDX-License-Identifier: Apache-2.0

/// A JSON text that was read strictly once, as an index over its own bytes.
///
/// No byte string is read here in a way that another strict parser could read differently: UTF-8 only, no duplicate
/// keys after unescaping, no lone surrogates, bounded bytes, depth and number of values. Keys and strings are compared
/// as bytes, never as `String`, which holds equivalent Unicode texts for equal. Numbers keep their digits; those that
/// canonical JSON does not have are read and marked, because events of old room versions may hold them: see
/// `hasOnlyCanonicalNumbers`. RFC 8259; specification, Appendices, "Canonical JSON".
package struct JSONDocument: Sendable {
    /// The text as received.
    package let bytes: [UInt8]
    /// Whether every number is an integer within ±(2^53−1).
    package let hasOnlyCanonicalNumbers: Bool
    let entries: [JSONEntry]

    package enum Kind: UInt8, Sendable {
        case object, array, string
        /// A number without fraction and exponent, of any size.
        case integer
        /// A number with a fraction or an exponent.
        case decimal
        case `true`, `false`, null
    }

    /// One value of the document that gave it out; means nothing to another document.
    package struct Node: Hashable, Sendable {
        let index: Int32
    }

    /// Longest number, in bytes.
    static let maxNumberBytes = 1024

    /// - Parameter text: at most `limits.maxBytes` bytes.
    package init(reading text: [UInt8], limits: Limits = .federation) throws(JSONFault) {
        var reader = JSONReader(limits: limits)
        do {
            try reader.read(text.span)
        } catch {
            throw JSONFault(
                kind: error.kind, offset: error.offset, pointer: JSONPointer.text(of: reader, in: text.span))
        }
        bytes = text
        entries = reader.entries
        hasOnlyCanonicalNumbers = reader.hasOnlyCanonicalNumbers
    }

    package var root: Node { Node(index: 0) }

    package func kind(_ node: Node) -> Kind { self[node].kind }

    /// Whether the text is its own canonical form, so that its bytes can be signed as they are.
    ///
    /// Says nothing about the range of numbers.
    package var isCanonical: Bool {
        guard let root = entries.first, root.flags.contains(.canonical) else { return false }
        return rawRange(self.root).count == bytes.count
    }

    /// Whether a value is written as its canonical form is.
    func isCanonical(_ node: Node) -> Bool { self[node].flags.contains(.canonical) }

    /// The bytes of a value in `bytes`, the quotes of a string included.
    package func rawRange(_ node: Node) -> Range<Int> {
        let entry = self[node]
        let start = Int(entry.offset)
        let end = start + Int(entry.length)
        return entry.kind == .string ? start - 1..<end + 1 : start..<end
    }

    subscript(node: Node) -> JSONEntry { entries[Int(node.index)] }
}
