// SPDX-License-Identifier: Apache-2.0

/// A place in a YAML file. Lines and columns count from 1, columns in characters.
package struct YAMLPlace: Hashable, Sendable {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static let wholeFile = YAMLPlace(line: 0, column: 0)
}

/// A value of a YAML document that knows where it was written.
///
/// A scalar is its text and whether it was quoted, nothing else: `NO`, `on`, `010` and `1_000` are those characters. What
/// they mean is decided by whoever knows what is wanted in that place.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case scalar(text: String, isQuoted: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    /// A key and its value; keys are scalars and unique in their mapping, byte for byte.
    package struct Entry: Sendable {
        package let key: String
        package let keyPlace: YAMLPlace
        package let value: YAMLNode
    }

    package let content: Content
    package let place: YAMLPlace

    package init(_ content: Content, at place: YAMLPlace) {
        self.content = content
        self.place = place
    }

    static let absent = YAMLNode(.scalar(text: "", isQuoted: false), at: .wholeFile)

    /// Whether nothing was written where a value belongs, as in `key:`.
    package var isAbsent: Bool {
        if case .scalar(let text, isQuoted: false) = content { text.isEmpty } else { false }
    }
}
