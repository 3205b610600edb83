// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads `users` of a tier.
enum UserRulesReader {
    static func users(_ fields: MappingDecoder) -> UserRules {
        UserRules(
            refuseLocalparts: fields.optional("refuse_localparts") { $0.distinctList(localpart, text: \.text) },
            inviteFrom: fields.optional("invite_from") { $0.distinctList(user, text: \.text) },
            inviteTo: fields.optional("invite_to") { $0.distinctList(user, text: \.text) })
    }

    /// `whatsapp_*`
    private static func localpart(_ item: ValueDecoder) -> TextPattern? {
        guard let text = item.text else { return nil }
        let bytes = text.utf8
        if bytes.first == UInt8(ascii: "@") || bytes.contains(UInt8(ascii: ":")) {
            item.fail(
                "\(quoted(text)) is more than a localpart",
                todo: "write what stands between `@` and `:`, for example `whatsapp_*`")
            return nil
        }
        guard isPlain(text) else {
            item.fail(
                "\(quoted(text)) matches no localpart",
                todo: "write lower-case letters, digits and `._=-/+`, with `*` for any number of them")
            return nil
        }
        if bytes.allSatisfy({ $0 == UInt8(ascii: "*") }) {
            item.fail("\(quoted(text)) matches every user", todo: "take the classes out of `may` instead")
            return nil
        }
        return TextPattern(text)
    }

    /// `@liaison-*:example.org`
    private static func user(_ item: ValueDecoder) -> TextPattern? {
        guard let text = item.text else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].first == UInt8(ascii: "@"), parts[0].count > 1, !parts[1].isEmpty,
            isPlain(String(decoding: Array(parts[0].dropFirst()), as: UTF8.self)),
            isPlain(String(decoding: Array(parts[1]), as: UTF8.self), or: ":[]")
        else {
            item.fail(
                "\(quoted(text)) matches no user", todo: "write it like `@liaison-*:matrix.example.org`, in lower case")
            return nil
        }
        return TextPattern(text)
    }

    /// What a localpart may consist of today, and `*`. Source: Appendices, "User Identifiers".
    private static func isPlain(_ text: String, or others: String = "") -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x7A: true
                default: "._=-/+*".utf8.contains(byte) || others.utf8.contains(byte)
                }
            }
    }
}
