// SPDX-License-Identifier: Apache-2.0

/// Makes the `String` of a JSON string, and gives the same one again while the bytes stay the same.
///
/// The events of one transaction mostly have few authors and rooms, so that most texts cost a comparison and no memory.
struct RepeatedText {
    private var last = 0..<0
    private var text = ""

    /// Whether `node` has the very bytes of the text before it.
    func isRepeated(_ node: JSONDocument.Node, in document: JSONDocument) -> Bool {
        let range = document.rawRange(node)
        guard range.count == last.count, !range.isEmpty else { return false }
        let bytes = document.bytes.span
        return ByteRuns.equal(bytes, range.lowerBound, bytes, last.lowerBound, count: range.count)
    }

    /// - Parameter node: a string.
    mutating func text(of node: JSONDocument.Node, in document: JSONDocument) -> String {
        if !isRepeated(node, in: document) {
            text = document.string(node) ?? ""
            last = document.rawRange(node)
        }
        return text
    }
}
