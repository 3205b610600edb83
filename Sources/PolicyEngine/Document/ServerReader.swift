// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads one entry of `servers`.
enum ServerReader {
    /// `nil` if the entry has no usable name; what else is missing has been reported.
    static func read(_ value: ValueDecoder) -> ServerDefinition? {
        value.mapping(server)
    }

    private static func server(_ fields: MappingDecoder) -> ServerDefinition? {
        let written = fields.required("name", NameReader.read)
        let name = written?.name
        let state: CountryCode? = fields.value("state").flatMap { $0.isNone ? nil : $0.countryCode }
        if !fields.has("state") {
            let who = name.map { "the server \(quoted($0.value.text))" } ?? "this server"
            fields.diagnostics.error(
                at: name?.place ?? fields.place, "\(who) has no state",
                todo: "add `state:` with its country code, or `none` for an international organisation")
        }
        let organisation = fields.optional("organisation", plainText)
        let tier = fields.optional("tier") { value in value.text.map { Located(value: $0, place: value.place) } }
        let pins = fields.optional("keys", KeyPinsReader.read)
        let ownership = fields.optional("operator", OwnershipReader.readOperator)
        let reviewBy = fields.optional("review_by") { value in
            value.end.map { Located(value: $0, place: value.place) }
        }
        let onOverdue = fields.optional("on_overdue") { value in
            value.word(Overdue.self).map { Located(value: $0, place: value.place) }
        }
        fields.notImplemented(["connect"])
        guard let name, let written else { return nil }
        if written.isPattern, fields.has("keys") {
            fields.diagnostics.error(
                at: fields.keyPlace("keys"), "a pattern has no keys, each of its servers has its own",
                todo: "list the server by its whole name, or remove `keys:`")
        }
        return ServerDefinition(
            name: name, state: state, statePlace: fields.value("state")?.place ?? name.place,
            organisation: organisation, tier: tier, pins: pins, keysPlace: fields.keyPlace("keys"),
            isPattern: written.isPattern, operator: ownership, reviewBy: reviewBy, onOverdue: onOverdue)
    }

    /// One line for people.
    static func plainText(_ value: ValueDecoder) -> String? {
        guard let text = value.text else { return nil }
        guard text.utf8.count <= 256, !text.utf8.contains(0x0A), !text.utf8.contains(0x09) else {
            value.fail("\(value.name) is longer than 256 bytes or has several lines", todo: "write one short line")
            return nil
        }
        return text
    }
}

extension ValueDecoder {
    /// The word `none`.
    var isNone: Bool {
        if case .scalar("none", _) = node.content { true } else { false }
    }
}

/// Reads `keys:` of a server: key ids with their public keys, and `not_after` and `on_overdue` for all of them.
enum KeyPinsReader {
    static func read(_ value: ValueDecoder) -> [KeyID: PinnedKey]? {
        var keys: [(KeyID, VerifyKey)] = []
        var notAfter: Timestamp?
        var onOverdue: Overdue?
        var overduePlace: YAMLPlace?
        var isComplete = true
        value.entries { key, entry in
            let text = key.text ?? ""
            if text == "not_after" {
                notAfter = entry.end
                isComplete = isComplete && notAfter != nil
            } else if text == "on_overdue" {
                onOverdue = entry.word(Overdue.self)
                overduePlace = key.place
                isComplete = isComplete && onOverdue != nil
            } else if let pin = pin(text, key, entry) {
                keys.append(pin)
            } else {
                isComplete = false
            }
        }
        guard case .mapping = value.node.content, isComplete else { return nil }
        guard !keys.isEmpty else {
            value.fail(
                "\(value.name) pins no key, so nothing that the server signs would count",
                todo: "add a line `\"ed25519:ID\": \"KEY\"`, or remove `keys:` to have the keys fetched")
            return nil
        }
        if let overduePlace, notAfter == nil {
            value.diagnostics.error(
                at: overduePlace, "\(value.name) has `on_overdue` and no `not_after`, so it never counts",
                todo: "add `not_after:`, or remove it")
        }
        return Dictionary(
            keys.map { ($0, PinnedKey(key: $1, notAfter: notAfter, onOverdue: onOverdue ?? .refuse)) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func pin(_ text: String, _ key: ValueDecoder, _ value: ValueDecoder) -> (KeyID, VerifyKey)? {
        guard let id = try? KeyID(text) else {
            let near = nearestName(to: text, in: ["not_after", "on_overdue"])
            key.fail(
                "\(quoted(text)) is no key id",
                todo: near.map { "did you mean \(quoted($0))?" } ?? "write it like `\"ed25519:a_1\"`")
            return nil
        }
        guard let encoded = value.text else { return nil }
        let verifyKey: VerifyKey
        do {
            verifyKey = try VerifyKey(base64: encoded)
        } catch .denylisted {
            value.fail("the secret part of the key \(quoted(text)) is public", todo: "have the server make a new key")
            return nil
        } catch {
            value.fail(
                "the key \(quoted(text)) is not a usable Ed25519 public key",
                todo: "write the 32 bytes in unpadded Base64, as the server publishes them")
            return nil
        }
        return (id, verifyKey)
    }
}
