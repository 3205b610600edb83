// SPDX-License-Identifier: Apache-2.0

/// `to_device`: what may be sent to single devices. AC-80.
struct ToDeviceRules: Sendable {
    var types: EventSelection?
    /// Bytes of one EDU as written.
    var max: WrittenRule<Int>?

    var isEmpty: Bool { types == nil && max == nil }

    func inheriting(_ base: ToDeviceRules) -> ToDeviceRules {
        ToDeviceRules(types: types ?? base.types, max: max ?? base.max)
    }

    func judge(type: String, bytes: Int) -> Finding? {
        if let types, types.match(EventQuestion(author: nil, type: type)) == nil {
            return .refused(.eduToDevice, types.rule)
        }
        if let max, bytes > max.value { return .refused(.eduToDevice, max.rule) }
        return nil
    }

    /// The types that the specification sends to devices, for the nearest name.
    static let known = [
        "m.room.encrypted", "m.room_key", "m.room_key_request", "m.room_key.withheld", "m.forwarded_room_key",
        "m.dummy", "m.secret.request", "m.secret.send", "m.key.verification.request", "m.key.verification.ready",
        "m.key.verification.start", "m.key.verification.accept", "m.key.verification.key",
        "m.key.verification.mac", "m.key.verification.done", "m.key.verification.cancel", "m.call.encryption_keys",
    ]

    var canonical: [String] {
        var lines: [String] = []
        if let types { lines.append("to_device.types \(types.texts.joined(separator: ","))") }
        if let max { lines.append("to_device.max \(max.value)") }
        return lines
    }
}
