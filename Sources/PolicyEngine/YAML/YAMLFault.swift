// SPDX-License-Identifier: Apache-2.0

/// Why a file is not the plain, unambiguous YAML that policy and configuration are written in.
package struct YAMLFault: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case empty
        case tooLarge(bytes: Int)
        case tooDeep
        case tooManyNodes
        case byteOrderMark
        case notUTF8
        case character(UInt32)
        case tab
        case lineBreak
        case anchor
        case alias
        case tag
        case directive
        case secondDocument
        case mergeKey
        case keyNotScalar
        case keyEmpty
        case duplicateKey(String, first: YAMLPlace)
        /// What libyaml says of text that is not YAML.
        case syntax(String)
        case memory
    }

    package let kind: Kind
    package let place: YAMLPlace

    package init(_ kind: Kind, at place: YAMLPlace) {
        self.kind = kind
        self.place = place
    }
}

extension YAMLFault {
    /// What is wrong, for `Diagnostic.what`.
    package var what: String {
        switch kind {
        case .empty: "the file is empty, or holds only comments"
        case .tooLarge(let bytes): "the file has \(bytes) bytes, the limit is \(YAMLDocument.maxBytes)"
        case .tooDeep: "values are nested more than \(YAMLDocument.maxDepth) deep"
        case .tooManyNodes: "the file holds more than \(YAMLDocument.maxNodes) values"
        case .byteOrderMark: "the file begins with a byte order mark"
        case .notUTF8: "the file is not UTF-8 here"
        case .character(let value): "the hidden or control character U+\(Self.hex(value)) stands here"
        case .tab: "a tab stands here"
        case .lineBreak: "a line break other than LF or CR LF stands here"
        case .anchor: "anchors (`&name`) are not accepted"
        case .alias: "aliases (`*name`) are not accepted"
        case .tag: "tags (`!name`) are not accepted"
        case .directive: "directives (`%NAME`) are not accepted"
        case .secondDocument: "a second document begins here"
        case .mergeKey: "merge keys (`<<`) are not accepted"
        case .keyNotScalar: "a list or mapping stands where a key belongs"
        case .keyEmpty: "a key is empty"
        case .duplicateKey(let key, let first):
            "duplicate key \(quoted(key)), first at \(first.line):\(first.column)"
        case .syntax(let problem): "this is not YAML: \(problem)"
        case .memory: "there is not enough memory to read the file"
        }
    }

    /// What to do about it, for `Diagnostic.todo`.
    package var todo: String {
        switch kind {
        case .empty: "write it; `docs/` has examples to begin with"
        case .tooLarge, .tooManyNodes: "make the file smaller"
        case .tooDeep: "nest less"
        case .byteOrderMark: "save the file as UTF-8 without a byte order mark"
        case .notUTF8: "save the file as UTF-8"
        case .character: "remove the character"
        case .tab: "write spaces"
        case .lineBreak: "end the line with LF"
        case .anchor, .alias, .mergeKey: "write the value out where it is needed"
        case .tag: "remove the tag, or put a text that begins with `!` in quotes"
        case .directive: "remove the line"
        case .secondDocument: "keep one document in a file"
        case .keyNotScalar: "write a word as the key"
        case .keyEmpty: "give the key a name, or remove it"
        case .duplicateKey: "keep one of the two"
        case .syntax: "check indentation, colons, quotes and brackets here and in the line above"
        case .memory: "free memory, then try again"
        }
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
