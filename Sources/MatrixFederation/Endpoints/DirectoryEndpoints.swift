// SPDX-License-Identifier: Apache-2.0

// Queries, room directory and spaces. Spec: "Querying for information", "Public room directory", "Spaces".

extension Endpoint {
    package static let queryDirectory: Endpoint = .get(
        "query_directory", "/_matrix/federation/v1/query/directory", endpointClass: .directory, .alias)
    package static let queryProfile: Endpoint = .get(
        "query_profile", "/_matrix/federation/v1/query/profile", endpointClass: .profile, .profile)
    package static let queryGeneric: Endpoint = .get(
        "query_generic", "/_matrix/federation/v1/query/{queryType}", endpointClass: nil)
    package static let publicRoomsGet: Endpoint = .get(
        "public_rooms_get", "/_matrix/federation/v1/publicRooms", endpointClass: .directory)
    package static let publicRoomsPost: Endpoint = .post(
        "public_rooms_post", "/_matrix/federation/v1/publicRooms", endpointClass: .directory, upTo: smallBody)
    package static let hierarchy: Endpoint = .get(
        "hierarchy", "/_matrix/federation/v1/hierarchy/{roomId}", endpointClass: .directory, .room)
    package static let hierarchyUnstable: Endpoint = .get(
        "hierarchy_unstable", "/_matrix/federation/unstable/org.matrix.msc2946/hierarchy/{roomId}",
        endpointClass: .directory, .room)
    package static let accountStatus: Endpoint = .post(
        "account_status_unstable", "/_matrix/federation/unstable/org.matrix.msc3720/account_status",
        endpointClass: .profile, .accounts, upTo: smallBody)
    package static let accountStatusServed: Endpoint = .post(
        "account_status_unstable_served", "/_matrix/federation/unstable/org.matrix.msc3720/query/account_status",
        endpointClass: .profile, .accounts, upTo: smallBody)

    static let directorySection: [Endpoint] = [
        .queryDirectory, .queryProfile, .queryGeneric, .publicRoomsGet, .publicRoomsPost, .hierarchy,
        .hierarchyUnstable, .accountStatus, .accountStatusServed,
    ]
}
