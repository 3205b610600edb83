// SPDX-License-Identifier: Apache-2.0

// Media, with and without authentication. Spec: "Content Repository".

extension Endpoint {
    package static let mediaDownload: Endpoint = .get(
        "media_download", "/_matrix/federation/v1/media/download/{mediaId}", endpointClass: .media, .media,
        answer: .multipartMedia)
    package static let mediaThumbnail: Endpoint = .get(
        "media_thumbnail", "/_matrix/federation/v1/media/thumbnail/{mediaId}", endpointClass: .media, .media,
        answer: .multipartMedia)
    package static let legacyMediaDownload: Endpoint = .get(
        "legacy_media_download", "/_matrix/media/r0/download/{serverName}/{mediaId}",
        "/_matrix/media/v1/download/{serverName}/{mediaId}", "/_matrix/media/v3/download/{serverName}/{mediaId}",
        "/_matrix/media/r0/download/{serverName}/{mediaId}/{fileName}",
        "/_matrix/media/v1/download/{serverName}/{mediaId}/{fileName}",
        "/_matrix/media/v3/download/{serverName}/{mediaId}/{fileName}", endpointClass: .legacyMedia, .media,
        authentication: .none, answer: .file)
    package static let legacyMediaThumbnail: Endpoint = .get(
        "legacy_media_thumbnail", "/_matrix/media/r0/thumbnail/{serverName}/{mediaId}",
        "/_matrix/media/v1/thumbnail/{serverName}/{mediaId}", "/_matrix/media/v3/thumbnail/{serverName}/{mediaId}",
        endpointClass: .legacyMedia, .media, authentication: .none, answer: .file)

    static let mediaSection: [Endpoint] = [
        .mediaDownload, .mediaThumbnail, .legacyMediaDownload, .legacyMediaThumbnail,
    ]
}
