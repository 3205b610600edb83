// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads `connect` of a server.
enum ConnectReader {
    /// Nobody needs more; each is compared with on every request.
    static let maxElements = 16

    static func read(_ value: ValueDecoder) -> ConnectDefinition? {
        value.mapping { fields in
            var connect = ConnectDefinition()
            connect.host = fields.optional("host", host)
            connect.port = fields.optional("port") { $0.int(in: 1...65535) }.map { UInt16(clamping: $0) }
            if let written = fields.value("spki") {
                connect.pins = few(written, pin)
                connect.pinsRule = written.rule(at: fields.keyPlace("spki"))
            }
            if let written = fields.value("cidrs") {
                connect.ranges = few(written, range)
                connect.rangesRule = written.rule(at: fields.keyPlace("cidrs"))
            }
            connect.checksSource = fields.optional("check_source", default: false) { $0.boolean } ?? false
            if fields.has("port"), !fields.has("host") {
                fields.diagnostics.error(
                    at: fields.keyPlace("port"), "`connect.port` without `connect.host` has no effect",
                    todo: "add `host:`, or remove it")
            }
            if connect.checksSource, !fields.has("cidrs") {
                fields.diagnostics.error(
                    at: fields.keyPlace("check_source"), "`connect.check_source` has no `cidrs` to compare with",
                    todo: "add `cidrs:`, or remove it")
            }
            if !["host", "spki", "cidrs"].contains(where: fields.has) {
                fields.fail("`connect` says nothing", todo: "add `host`, `spki` or `cidrs`, or remove it")
            }
            return connect
        }
    }

    private static func few<Element: Hashable>(
        _ value: ValueDecoder, _ read: (ValueDecoder) -> Element?
    ) -> [Element] {
        if value.isEmptyList {
            value.fail("\(value.name) is empty, so nothing would fit", todo: "write what fits, or remove it")
        }
        var seen: Set<Element> = []
        let elements = value.lenientList { item -> Element? in
            guard let element = read(item) else { return nil }
            if !seen.insert(element).inserted { item.fail("\(item.name) stands there twice", todo: "remove one") }
            return element
        }
        if seen.count > maxElements {
            value.fail("\(value.name) has more than \(maxElements) elements", todo: "write fewer")
        }
        return elements ?? []
    }

    /// A DNS name or an IP address; the port stands beside it.
    private static func host(_ value: ValueDecoder) -> Located<String>? {
        guard let text = value.text else { return nil }
        if AddressBits(text) != nil { return Located(value: text, place: value.place) }
        guard let name = value.serverName else { return nil }
        guard name.port == nil, !name.isIPLiteral else {
            value.fail(
                "\(quoted(text)) is not a plain host", todo: "write a name or an address alone, the port under `port`")
            return nil
        }
        return Located(value: name.text, place: value.place)
    }

    private static func pin(_ value: ValueDecoder) -> Digest? {
        guard let text = value.text else { return nil }
        let prefix = "sha256/"
        guard text.hasPrefix(prefix), let bytes = Base64.decode(String(text.dropFirst(prefix.count))),
            let digest = Digest(bytes.span)
        else {
            value.fail(
                "\(quoted(text)) is no pin of a public key",
                todo: "write `sha256/` and the Base64 of the 32 bytes, as `entente probe certificate` prints it")
            return nil
        }
        return digest
    }

    private static func range(_ value: ValueDecoder) -> AddressRange? {
        guard let text = value.text else { return nil }
        guard let range = AddressRange(text) else {
            value.fail(
                "\(quoted(text)) is no range of addresses",
                todo: "write it like `192.0.2.0/24` or `2001:db8::/32`, without bits behind the prefix")
            return nil
        }
        return range
    }
}
