// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import MatrixFederation

// Reading never traps; what was read can be walked through every accessor, and faults point into the text.
fuzz { bytes in
    do throws(JSONFault) {
        let document = try JSONDocument(reading: bytes)
        walk(document.root, in: document)
        check(
            document.hasOnlyCanonicalNumbers == (document.nonCanonicalNumber(in: document.root) == nil),
            "the flag says whether a foreign number is found")
    } catch {
        check(error.offset >= 0 && error.offset <= bytes.count, "a fault lies in the text")
        check(error.pointer.utf8.count <= 1024, "a pointer is bounded")
    }
}

func walk(_ node: JSONDocument.Node, in document: JSONDocument) {
    let range = document.rawRange(node)
    check(range.lowerBound >= 0 && range.upperBound <= document.bytes.count, "a value lies in the text")
    switch document.kind(node) {
    case .object:
        var count = 0
        for (key, value) in document.members(of: node) {
            count += 1
            guard let name = document.decodedBytes(key) else { return check(false, "a key is a string") }
            check(document.member(name.span, of: node) == value, "a member is found under its key")
            walk(value, in: document)
        }
        check(count == document.count(node), "members are counted")
    case .array:
        var count = 0
        for element in document.elements(of: node) {
            count += 1
            walk(element, in: document)
        }
        check(count == document.count(node), "elements are counted")
    case .string:
        guard let text = document.string(node), let decoded = document.decodedBytes(node) else {
            return check(false, "a string has a text")
        }
        check(Array(text.utf8) == decoded, "a string is UTF-8: nothing was repaired")
        check(document.stringLength(node) == decoded.count, "its length is that of its bytes")
        check(document.stringEquals(node, text), "a string equals its text")
    case .integer:
        check(!document.isCanonicalInteger(node) || document.integer(node) != nil, "a canonical integer has a value")
    case .decimal, .true, .false, .null:
        check(document.integer(node) == nil, "only integers have an integer's value")
    }
}
