// SPDX-License-Identifier: Apache-2.0

/// The kinds of ephemeral data units, as a policy names them.
package enum EDUKind: Hashable, Sendable {
    case typing, receipts, presence, toDevice, deviceLists, signingKeys
    /// A type that is in no list here, by its name; at most 255 bytes of it.
    case unknown(String)

    /// The name in a policy; for unknown ones the type itself.
    package var name: String {
        switch self {
        case .typing: "typing"
        case .receipts: "receipts"
        case .presence: "presence"
        case .toDevice: "to_device"
        case .deviceLists: "device_lists"
        case .signingKeys: "signing_keys"
        case .unknown(let type): type
        }
    }

    /// The kind that `edu_type` names. `org.matrix.signing_key_update` is the old name of the same thing.
    init(_ type: JSONDocument.Node, in document: JSONDocument) {
        if document.isText(type, "m.typing") {
            self = .typing
        } else if document.isText(type, "m.receipt") {
            self = .receipts
        } else if document.isText(type, "m.presence") {
            self = .presence
        } else if document.isText(type, "m.direct_to_device") {
            self = .toDevice
        } else if document.isText(type, "m.device_list_update") {
            self = .deviceLists
        } else if document.isText(type, "m.signing_key_update")
            || document.isText(type, "org.matrix.signing_key_update")
        {
            self = .signingKeys
        } else {
            let name = document.decodedBytes(type) ?? []
            self = .unknown(String(decoding: name.prefix(255), as: UTF8.self))
        }
    }
}
