// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// One entry of `networks`: a closed network beside the Internet, or what is said of the Internet itself.
struct NetworkDefinition: Sendable {
    /// The Internet's name in `networks`, `tiers`, records and metrics.
    static let internet = "internet"
    /// More than anybody has; a set of networks is one word of the machine.
    static let maxCount = 31

    let name: String
    let place: YAMLPlace
    /// Names that the node's configuration gives; `nil` for the Internet, which has what has no name there.
    let listener: Located<String>?
    let resolver: Located<String>?
    let ca: Located<String>?
    /// Which of ours are served there.
    let servers: [Located<ServerName>]
    let serversPlace: YAMLPlace
    /// Over which other networks events may come whose authors are on this one.
    let relayedOver: [Located<String>]

    var isInternet: Bool { name == Self.internet }
}

/// Reads one entry of `networks`.
struct NetworkReader {
    let name: ValueDecoder
    let value: ValueDecoder

    func read() -> NetworkDefinition? {
        guard let text = name.policyName("network") else { return nil }
        return value.mapping { network(text, $0) }
    }

    private func network(_ text: String, _ fields: MappingDecoder) -> NetworkDefinition {
        let isInternet = text == NetworkDefinition.internet
        let names = ["listener", "resolver", "ca"].map { key -> Located<String>? in
            let written = fields.optional(key) { value in
                value.policyName(key).map { Located(value: $0, place: value.place) }
            }
            if isInternet, fields.has(key) {
                fields.diagnostics.error(
                    at: fields.keyPlace(key), "the Internet has no \(quoted(key)) of its own",
                    todo: "remove it, the Internet's is what has no name in the node's configuration")
            } else if !isInternet, !fields.has(key) {
                fields.diagnostics.error(
                    at: name.place, "network \(quoted(text)) has no \(quoted(key))",
                    todo: "add \(quoted(key + ":")), a closed network shares nothing with the Internet")
            }
            return written
        }
        let servers = fields.optional("servers") { value -> [Located<ServerName>]? in
            if value.isEmptyList {
                value.fail("\(value.name) names no server", todo: "name those of `self.servers` that are served there")
            }
            return value.lenientList { element in
                element.serverName.map { Located(value: $0, place: element.place) }
            }
        }
        if !isInternet, !fields.has("servers") {
            fields.diagnostics.error(
                at: name.place, "network \(quoted(text)) has no `servers`",
                todo: "name those of `self.servers` that are served there")
        }
        let relayed = fields.optional("relayed_over") { value in
            value.lenientList { element in
                element.policyName("network").map { Located(value: $0, place: element.place) }
            }
        }
        fields.notImplemented(["labels"])
        return NetworkDefinition(
            name: text, place: name.place, listener: names[0], resolver: names[1], ca: names[2],
            servers: servers ?? [], serversPlace: fields.keyPlace("servers"), relayedOver: relayed ?? [])
    }
}
