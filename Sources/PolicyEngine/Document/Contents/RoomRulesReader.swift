// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads `rooms` of a tier.
enum RoomRulesReader {
    static func rooms(_ fields: MappingDecoder) -> RoomRules {
        RoomRules(
            encrypted: fields.writtenWord("encrypted", RoomRules.Encryption.self),
            minVersion: fields.written("min_version", version),
            otherServers: fields.optional("other_servers") { $0.distinctList(\.text, text: \.self) },
            otherwise: fields.writtenWord("otherwise", RoomRules.Otherwise.self),
            unknown: fields.writtenWord("unknown", RoomEffect.self))
    }

    private static func version(_ value: ValueDecoder) -> Int? {
        let highest = RoomVersion.known.compactMap { Int($0.id) }.max() ?? 1
        return value.int(in: 1...highest)
    }
}
