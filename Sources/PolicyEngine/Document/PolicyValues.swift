// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

extension ValueDecoder {
    /// The elements that could be read; the others have been reported. `nil` if this is not a list.
    func lenientList<Element>(_ read: (ValueDecoder) -> Element?) -> [Element]? {
        var elements: [Element] = []
        let isList = list { element -> Bool? in
            if let read = read(element) { elements.append(read) }
            return true
        }
        return isList == nil ? nil : elements
    }

    var isEmptyList: Bool {
        if case .sequence(let nodes) = node.content { nodes.isEmpty } else { false }
    }

    /// A state of ISO 3166-1.
    var countryCode: CountryCode? {
        note(.country)
        guard let text else { return nil }
        if let code = CountryCode(text) { return code }
        if let correction = CountryCode.correction(of: text) {
            fail(
                "\(quoted(text)) is no country code: \(correction.because)", todo: "write \(quoted(correction.code))")
        } else {
            fail(
                "\(quoted(text)) is no country code of ISO 3166-1",
                todo: "write the two upper-case letters of the state")
        }
        return nil
    }

    /// The name of a Matrix server, lower case, as it stands after the colon of its users' ids.
    package var serverName: ServerName? {
        note(.serverName)
        guard let text else { return nil }
        if text.utf8.contains(UInt8(ascii: "*")) {
            fail(
                "\(quoted(text)) is a pattern, and this is no place for one",
                todo: "write a whole name; under `servers`, `*.example.de` means every server below that domain")
            return nil
        }
        guard let name = try? ServerName(text) else {
            fail(
                "\(quoted(text)) is not a server name",
                todo: "write a host name or IP address, with `:port` only if the server's users have it in their ids")
            return nil
        }
        let lower = text.lowercased()
        guard lower.utf8.elementsEqual(text.utf8) else {
            fail(
                "the server name \(quoted(text)) has upper-case letters",
                todo: "write \(quoted(lower)), names match byte by byte")
            return nil
        }
        return name
    }

    /// The name that the operator gives a group or tier: lower-case letters, digits, `_` and `-`, at most 40.
    func policyName(_ noun: String) -> String? {
        guard let text else { return nil }
        let bytes = Array(text.utf8)
        let isName = bytes.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7A, 0x2D, 0x5F: true
            default: false
            }
        }
        guard isName, bytes.count <= 40, let first = bytes.first, (0x61...0x7A).contains(first) else {
            fail(
                "\(quoted(text)) cannot name a \(noun)",
                todo: "begin with a lower-case letter, then use lower-case letters, digits, `_` and `-`, at most 40")
            return nil
        }
        return text
    }
}
