// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

extension ControlRequest {
    /// The line to send.
    var line: [UInt8] {
        func act(_ bytes: [UInt8]) -> (String, JSONValue) { ("act", .text(String(decoding: bytes, as: UTF8.self))) }
        let (call, more): (String, [(name: String, value: JSONValue)]) =
            switch self {
            case .status: ("status", [])
            case .quarantine: ("quarantine", [])
            case .lockdown(let lockdown): ("lockdown", [act(lockdown.bytes)])
            case .release(let release): ("release", [act(release.bytes)])
            case .resume(let sink): ("resume", [("sink", .text(sink))])
            case .open(let number, let ranges, let recipient):
                (
                    "open",
                    [
                        ("case", .text(number)), ("recipient", .text(recipient.text)),
                        ("records", .text(ranges.texts.joined(separator: " "))),
                    ]
                )
            }
        return Array(JSONValue.object(more + [("do", .text(call)), ("v", .number(Int(Self.version)))]).line.utf8)
    }
}
