// SPDX-License-Identifier: Apache-2.0

/// `encryption`: whether messages may travel in clear, and how they may be encrypted.
struct EncryptionRules: Sendable {
    enum Demand: String, CaseIterable, Sendable {
        case optional
        case required
    }

    var messages: WrittenRule<Demand>?
    var algorithms: WrittenList<EncryptionAlgorithm>?

    var isEmpty: Bool { messages == nil && algorithms == nil }

    func inheriting(_ base: EncryptionRules) -> EncryptionRules {
        EncryptionRules(messages: messages ?? base.messages, algorithms: algorithms ?? base.algorithms)
    }

    /// An event in clear where encryption is required is refused whatever is known of its room: either the room is not
    /// encrypted, or the event goes round its encryption. AC-71.
    func judge(_ event: EventQuestion) -> Finding? {
        if let algorithms, event.isEncrypted || (event.isState && event.type == "m.room.encryption") {
            let algorithm = event.algorithm.flatMap(EncryptionAlgorithm.init(identifier:))
            guard let algorithm, algorithms.elements.contains(where: { $0.value == algorithm }) else {
                return .refused(.encryptionAlgorithm, algorithms.rule)
            }
        }
        guard let messages, messages.value == .required, !event.isState, !event.isEncrypted,
            !(event.type.isASCII && EventTypes.alwaysPlain.contains(event.type))
        else { return nil }
        return .refused(.roomPlaintext, messages.rule)
    }

    var canonical: [String] {
        var lines: [String] = []
        if let messages { lines.append("encryption.messages \(messages.value.rawValue)") }
        if let algorithms {
            lines.append(
                "encryption.algorithms "
                    + algorithms.elements.map(\.value.rawValue).sorted().joined(separator: ","))
        }
        return lines
    }
}

/// The ways to encrypt a room's messages, as a policy names them.
package enum EncryptionAlgorithm: String, CaseIterable, Hashable, Sendable {
    /// `m.megolm.v1.aes-sha2`. Source: Client-Server API, "m.megolm.v1.aes-sha2".
    case megolm
    /// Messaging Layer Security, RFC 9420: `m.mls.…`, and the unstable names of MSC2883 and MSC4256.
    case mls

    /// `nil` for algorithms that no policy can name.
    init?(identifier: String) {
        let bytes = identifier.utf8
        if bytes.elementsEqual("m.megolm.v1.aes-sha2".utf8) {
            self = .megolm
        } else if ["m.mls.", "org.matrix.msc2883.", "org.matrix.msc4256."].contains(where: {
            bytes.starts(with: $0.utf8)
        }) {
            self = .mls
        } else {
            return nil
        }
    }
}
