// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

extension ControlRequest {
    /// The line to send.
    var line: [UInt8] {
        let (call, act): (String, [UInt8]?) =
            switch self {
            case .status: ("status", nil)
            case .quarantine: ("quarantine", nil)
            case .lockdown(let act): ("lockdown", act.bytes)
            case .release(let release): ("release", release.bytes)
            }
        var members: [(name: String, value: JSONValue)] = [("do", .text(call)), ("v", .number(Int(Self.version)))]
        if let act { members.insert(("act", .text(String(decoding: act, as: UTF8.self))), at: 0) }
        return Array(JSONValue.object(members).line.utf8)
    }
}
