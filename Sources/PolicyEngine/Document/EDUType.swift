// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// The ephemeral data units that a tier's `edu:` can name. Unknown ones cannot be named: they are always refused.
package enum EDUType: String, CaseIterable, Hashable, Sendable {
    case typing
    case receipts
    case presence
    case toDevice = "to_device"
    case deviceLists = "device_lists"
    case signingKeys = "signing_keys"

    /// `nil` for a kind that the protocol core does not know.
    package init?(_ kind: EDUKind) {
        switch kind {
        case .typing: self = .typing
        case .receipts: self = .receipts
        case .presence: self = .presence
        case .toDevice: self = .toDevice
        case .deviceLists: self = .deviceLists
        case .signingKeys: self = .signingKeys
        case .unknown: return nil
        }
    }

    /// Known types and one for all unknown ones.
    static let policyCount = 7

    /// The place of a kind in precomputed tables; unknown kinds share the last.
    static func policyIndex(_ kind: EDUKind) -> Int {
        switch kind {
        case .typing: 0
        case .receipts: 1
        case .presence: 2
        case .toDevice: 3
        case .deviceLists: 4
        case .signingKeys: 5
        case .unknown: 6
        }
    }

    /// The place of the type in precomputed tables.
    var index: Int {
        switch self {
        case .typing: 0
        case .receipts: 1
        case .presence: 2
        case .toDevice: 3
        case .deviceLists: 4
        case .signingKeys: 5
        }
    }
}
