// SPDX-License-Identifier: Apache-2.0

/// Looking into objects and arrays.
extension JSONDocument {
    /// The value under a key of an object; `nil` if there is none or `node` is not an object.
    package func member(_ name: StaticString, of node: Node) -> Node? {
        unsafe member(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount).span, of: node)
    }

    /// The value under a key of an object, the key compared byte by byte.
    package func member(_ name: String, of node: Node) -> Node? { member(name.utf8.span, of: node) }

    /// The value under a key of an object, the key given as the UTF-8 bytes it stands for.
    package func member(_ name: Span<UInt8>, of node: Node) -> Node? {
        let object = self[node]
        guard object.kind == .object else { return nil }
        var at = Int(node.index) + 1
        while at < Int(object.next) {
            if equals(entries[at], name) { return Node(index: Int32(truncatingIfNeeded: at + 1)) }
            at = Int(entries[at + 1].next)
        }
        return nil
    }

    /// The members of an object in the order of the text; none for other values.
    package func members(of node: Node) -> Members {
        let entry = self[node]
        return Members(
            entries: entries, at: node.index + 1, end: entry.kind == .object ? entry.next : node.index + 1)
    }

    /// The elements of an array in the order of the text; none for other values.
    package func elements(of node: Node) -> Elements {
        let entry = self[node]
        return Elements(
            entries: entries, at: node.index + 1, end: entry.kind == .array ? entry.next : node.index + 1)
    }

    /// How many members or elements a container has; 0 for other values. Walks them.
    package func count(_ node: Node) -> Int {
        let container = self[node]
        guard container.kind == .object || container.kind == .array else { return 0 }
        var count = 0
        var at = Int(node.index) + 1
        while at < Int(container.next) {
            if container.kind == .object { at += 1 }
            at = Int(entries[at].next)
            count += 1
        }
        return count
    }

    package struct Members: Sequence, IteratorProtocol, Sendable {
        let entries: [JSONEntry]
        var at: Int32
        let end: Int32

        /// The next key, a string node, and its value.
        package mutating func next() -> (key: Node, value: Node)? {
            guard at < end else { return nil }
            let key = Node(index: at)
            let value = Node(index: at + 1)
            at = entries[Int(at) + 1].next
            return (key, value)
        }
    }

    package struct Elements: Sequence, IteratorProtocol, Sendable {
        let entries: [JSONEntry]
        var at: Int32
        let end: Int32

        package mutating func next() -> Node? {
            guard at < end else { return nil }
            let node = Node(index: at)
            at = entries[Int(at)].next
            return node
        }
    }
}
