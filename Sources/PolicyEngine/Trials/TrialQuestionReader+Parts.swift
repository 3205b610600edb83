// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension TrialQuestionReader {
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
