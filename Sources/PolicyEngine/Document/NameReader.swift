// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads `name` of an entry of `servers`: a server name, or `*.` and a domain for all servers below it.
enum NameReader {
    struct Name {
        /// Of a pattern, the domain behind `*.`.
        let name: Located<ServerName>
        let isPattern: Bool
    }

    static func read(_ value: ValueDecoder) -> Name? {
        guard let text = value.text else { return nil }
        guard text.hasPrefix("*.") else {
            return value.serverName.map { Name(name: Located(value: $0, place: value.place), isPattern: false) }
        }
        let domain = ValueDecoder(
            YAMLNode(.scalar(text: String(text.dropFirst(2)), isQuoted: true), at: value.place), path: value.path,
            diagnostics: value.diagnostics)
        guard let name = domain.serverName else { return nil }
        guard !name.isIPLiteral, name.port == nil, name.text.utf8.contains(UInt8(ascii: ".")) else {
            value.fail(
                "the pattern \(quoted(text)) is too wide or no domain",
                todo: "write `*.` and a domain of two labels or more, without a port, for example `*.example.de`")
            return nil
        }
        return Name(name: Located(value: name, place: value.place), isPattern: true)
    }
}
