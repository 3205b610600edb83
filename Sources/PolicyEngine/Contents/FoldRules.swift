// SPDX-License-Identifier: Apache-2.0

/// `fold`: what is taken out of EDUs before they pass. AC-83, AC-84.
struct FoldRules: Sendable {
    enum Presence: String, CaseIterable, Sendable {
        case whole
        /// Neither status message nor last activity; `unavailable` reads as `online`.
        case onlineOfflineOnly = "online_offline_only"
    }
    enum DeviceNames: String, CaseIterable, Sendable {
        case keep
        case remove
    }

    var presence: WrittenRule<Presence>?
    var deviceNames: WrittenRule<DeviceNames>?

    var isEmpty: Bool { presence == nil && deviceNames == nil }

    func inheriting(_ base: FoldRules) -> FoldRules {
        FoldRules(presence: presence ?? base.presence, deviceNames: deviceNames ?? base.deviceNames)
    }

    var canonical: [String] {
        var lines: [String] = []
        if let presence { lines.append("fold.presence \(presence.value.rawValue)") }
        if let deviceNames { lines.append("fold.device_names \(deviceNames.value.rawValue)") }
        return lines
    }
}
