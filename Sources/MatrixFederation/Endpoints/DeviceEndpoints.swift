// SPDX-License-Identifier: Apache-2.0

// Device lists and end-to-end keys. Spec: "Device Management", "End-to-End Encryption".

extension Endpoint {
    package static let userDevices: Endpoint = .get(
        "user_devices", "/_matrix/federation/v1/user/devices/{userId}", endpointClass: .devices, .devices)
    package static let userKeysQuery: Endpoint = .post(
        "user_keys_query", "/_matrix/federation/v1/user/keys/query", endpointClass: .endToEndKeys,
        .usersOf(.deviceKeys), upTo: mediumBody)
    package static let userKeysClaim: Endpoint = .post(
        "user_keys_claim", "/_matrix/federation/v1/user/keys/claim", endpointClass: .endToEndKeys,
        .usersOf(.oneTimeKeys), upTo: mediumBody)
    package static let keysClaimUnstable: Endpoint = .post(
        "keys_claim_unstable", "/_matrix/federation/unstable/user/keys/claim", endpointClass: .endToEndKeys,
        .usersOf(.oneTimeKeys), upTo: mediumBody)

    static let devicesSection: [Endpoint] = [.userDevices, .userKeysQuery, .userKeysClaim, .keysClaimUnstable]
}
