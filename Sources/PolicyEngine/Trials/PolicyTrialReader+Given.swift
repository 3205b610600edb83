// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension PolicyTrialReader {
    /// `lists`: what the policy's lists hold in these trials, instead of what lies in their files.
    static func lists(_ top: MappingDecoder) -> [String: ServerList] {
        var lists: [String: ServerList] = [:]
        top.value("lists")?.entries { key, value in
            guard let name = key.policyName("list"), let names = value.lenientList(\.serverName) else { return }
            if names.isEmpty {
                value.fail("\(value.name) names no server, and no list is empty", todo: "name one")
            }
            let text = names.map { $0.text + "\n" }.joined()
            lists[name] = ServerList(
                names: Set(names), entries: names.count, sha256: SHA256.hash(Array(text.utf8)))
        }
        return lists
    }

    /// `invite: { by: "@a:b.example", of: "@c:d.example" }`
    static func invitation(_ fields: MappingDecoder) -> Invitation? {
        let sender = fields.required("by", user)
        let target = fields.required("of", user)
        guard let sender, let target else { return nil }
        return Invitation(sender: sender, target: target)
    }

    /// `room_facts: { encrypted: false, version: "11", servers: [a.example] }`; what is left out is not known.
    static func roomFacts(_ fields: MappingDecoder) -> RoomFacts? {
        let facts = RoomFacts(
            isEncrypted: fields.optional("encrypted", \.boolean), version: fields.optional("version") { $0.line },
            otherServers: fields.optional("servers") { $0.lenientList(\.serverName) })
        return facts
    }

    /// `media: { bytes: 60MiB, type: image/png, shown: true }`; what is left out is not known.
    static func media(_ fields: MappingDecoder) -> MediaFacts? {
        MediaFacts(
            bytes: fields.optional("bytes", \.byteCount), type: fields.optional("type") { $0.line },
            isReferenced: fields.optional("shown", \.boolean))
    }

    private static func user(_ value: ValueDecoder) -> UserID? {
        guard let text = value.text else { return nil }
        guard let user = try? UserID(text), user.server != nil else {
            value.fail("\(quoted(text)) is no user", todo: "write it like `@user:server.example`")
            return nil
        }
        return user
    }
}
