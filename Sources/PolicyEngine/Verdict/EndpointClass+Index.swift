// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension EndpointClass {
    static let policyCount = 18

    /// The place of the class in precomputed tables.
    var policyIndex: Int {
        switch self {
        case .discovery: 0
        case .keys: 1
        case .notary: 2
        case .join: 3
        case .invite: 4
        case .knock: 5
        case .leave: 6
        case .send: 7
        case .history: 8
        case .profile: 9
        case .directory: 10
        case .devices: 11
        case .endToEndKeys: 12
        case .media: 13
        case .legacyMedia: 14
        case .openID: 15
        case .thirdParty: 16
        case .policyServer: 17
        }
    }
}
