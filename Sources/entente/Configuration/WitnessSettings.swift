// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import PolicyEngine

/// Whom the gateway asks to cosign its checkpoints: `audit.witnesses`. How many must is the policy's.
struct WitnessSettings: Sendable {
    struct Witness: Sendable {
        /// By which the policy knows it.
        var name: String
        var url: WitnessURL
        var key: CosignerKey
        /// PEM file of the authorities that may vouch for it; `nil`: the system's.
        var rootsFile: String?
    }

    /// Sorted by name.
    var witnesses: [Witness] = []
    /// At most one round in so many seconds.
    var seconds = 10

    init?(_ audit: MappingDecoder, _ paths: FilePaths) {
        var isComplete = true
        audit.value("witnesses")?.entries { key, value in
            if let name = key.networkPart,
                let witness = value.mapping({ Self.witness(name, $0, paths) }) ?? nil
            {
                witnesses.append(witness)
            } else {
                isComplete = false
            }
        }
        guard let seconds = audit.optional("witness_seconds", default: 10, { $0.int(in: 1...3600) }), isComplete else {
            return nil
        }
        guard Set(witnesses.map(\.key.key)).count == witnesses.count else {
            audit.fail(
                "one key is given for two witnesses", todo: "give each witness its own key; they are to be several")
            return nil
        }
        self.seconds = seconds
        witnesses.sort { $0.name < $1.name }
    }

    private static func witness(_ name: String, _ fields: MappingDecoder, _ paths: FilePaths) -> Witness? {
        let url = fields.required("url") { value -> WitnessURL? in
            guard let text = value.text else { return nil }
            guard let url = WitnessURL(text) else {
                value.fail(
                    "`\(text)` is no address of a witness",
                    todo: "write it like `https://witness.example.org`; `http://` only for 127.0.0.1 and [::1]")
                return nil
            }
            return url
        }
        let key = fields.required("key") { value -> CosignerKey? in
            guard let text = value.text else { return nil }
            guard let key = try? CosignerKey(parsing: text) else {
                value.fail(
                    "`\(text)` is no public key of a witness", todo: "write NAME+ID+KEY, as its operator gives it")
                return nil
            }
            return key
        }
        let roots: String?? = fields.optional("roots", default: String?.none) { value -> String?? in
            paths.path(value).map { .some($0) }
        }
        guard let url, let key, let roots else { return nil }
        return Witness(name: name, url: url, key: key, rootsFile: roots)
    }
}

/// Where a witness listens: the submission prefix of C2SP tlog-witness.
struct WitnessURL: Hashable, Sendable {
    let isTLS: Bool
    let address: NetworkAddress
    /// As the Host field has it.
    let host: String
    /// `/…/add-checkpoint`.
    let target: String

    init?(_ text: String) {
        isTLS = text.hasPrefix("https://")
        guard isTLS || text.hasPrefix("http://") else { return nil }
        let rest = text.dropFirst(isTLS ? 8 : 7)
        host = String(rest.prefix { $0 != "/" })
        var path = rest.dropFirst(host.count)
        while path.hasSuffix("/") { path.removeLast() }
        guard text.utf8.count <= 1024, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            !path.contains(where: { "?#".contains($0) })
        else { return nil }
        let hasPort = host.hasSuffix("]") ? false : host.contains(":")
        guard let address = NetworkAddress(hasPort ? host : "\(host):\(isTLS ? 443 : 80)") else { return nil }
        guard isTLS || address.host == "::1" || address.host.hasPrefix("127.") else { return nil }
        self.address = address
        target = "\(path)/add-checkpoint"
    }
}
