// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// An address and a port as an operator writes them: `127.0.0.1:8448`, `[::1]:8448`, `hs.internal:8008`.
struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// Without the brackets of an IPv6 address.
    var host: String
    var port: Int

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), (1...65535).contains(port)
        else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: { "/@?# ".contains($0) }) else { return nil }
        self.host = String(host)
        self.port = port
    }

    static func decode(_ value: ValueDecoder) -> NetworkAddress? {
        guard let text = value.text else { return nil }
        guard let address = NetworkAddress(text) else {
            value.fail(
                "`\(text)` is not an address with a port", todo: "write it like `127.0.0.1:8448` or `[::1]:8448`")
            return nil
        }
        return address
    }

    /// `http://HOST:PORT`: the homeserver is reached in plain text, on the machine or a network of its own.
    static func decodeURL(_ value: ValueDecoder) -> NetworkAddress? {
        guard let text = value.text else { return nil }
        guard text.hasPrefix("http://"), let address = NetworkAddress(String(text.dropFirst(7))) else {
            value.fail("`\(text)` is not an upstream", todo: "write it like `http://127.0.0.1:8008`")
            return nil
        }
        return address
    }
}
