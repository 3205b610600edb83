// SPDX-License-Identifier: Apache-2.0

/// Builds the tree from events, with a stack of its own instead of recursion.
struct YAMLBuilder {
    private struct Level {
        let place: YAMLPlace
        let isMapping: Bool
        var elements: [YAMLNode] = []
        var entries: [YAMLNode.Entry] = []
        var key: (text: String, place: YAMLPlace)?
        /// Bytes, not `String`: two keys that differ in Unicode normalisation are two keys.
        var seen: [[UInt8]: YAMLPlace] = [:]
    }

    private(set) var root: YAMLNode?
    private var levels: [Level] = []
    private var nodes = 0

    mutating func scalar(_ text: String, isQuoted: Bool, at place: YAMLPlace) throws(YAMLFault) {
        try count(at: place)
        guard !levels.isEmpty, levels[levels.count - 1].isMapping, levels[levels.count - 1].key == nil else {
            return add(YAMLNode(.scalar(text: text, isQuoted: isQuoted), at: place))
        }
        if text.isEmpty { throw YAMLFault(.keyEmpty, at: place) }
        if text == "<<", !isQuoted { throw YAMLFault(.mergeKey, at: place) }
        if let first = levels[levels.count - 1].seen.updateValue(place, forKey: Array(text.utf8)) {
            throw YAMLFault(.duplicateKey(text, first: first), at: place)
        }
        levels[levels.count - 1].key = (text, place)
    }

    mutating func open(isMapping: Bool, at place: YAMLPlace) throws(YAMLFault) {
        try count(at: place)
        if let level = levels.last, level.isMapping, level.key == nil { throw YAMLFault(.keyNotScalar, at: place) }
        guard levels.count < YAMLDocument.maxDepth else { throw YAMLFault(.tooDeep, at: place) }
        levels.append(Level(place: place, isMapping: isMapping))
    }

    mutating func close() throws(YAMLFault) {
        guard let level = levels.popLast() else { return }
        add(YAMLNode(level.isMapping ? .mapping(level.entries) : .sequence(level.elements), at: level.place))
    }

    private mutating func count(at place: YAMLPlace) throws(YAMLFault) {
        nodes += 1
        if nodes > YAMLDocument.maxNodes { throw YAMLFault(.tooManyNodes, at: place) }
    }

    private mutating func add(_ node: YAMLNode) {
        guard !levels.isEmpty else {
            root = node
            return
        }
        let last = levels.count - 1
        if let key = levels[last].key {
            levels[last].entries.append(YAMLNode.Entry(key: key.text, keyPlace: key.place, value: node))
            levels[last].key = nil
        } else {
            levels[last].elements.append(node)
        }
    }
}
