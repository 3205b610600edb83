// SPDX-License-Identifier: Apache-2.0

// Third-party identifiers and OpenID. Spec: "Third-party invites", "OpenID".

extension Endpoint {
    package static let exchangeThirdPartyInvite: Endpoint = .put(
        "exchange_third_party_invite", "/_matrix/federation/v1/exchange_third_party_invite/{roomId}",
        endpointClass: .thirdParty, .exchangeThirdPartyInvite, body: .event, upTo: mediumBody)
    package static let onBind: Endpoint = .put(
        "onbind_3pid", "/_matrix/federation/v1/3pid/onbind", endpointClass: .thirdParty, .onBind, body: .object,
        upTo: mediumBody, authentication: .none)
    package static let onBindPost: Endpoint = .post(
        "onbind_3pid_post", "/_matrix/federation/v1/3pid/onbind", endpointClass: .thirdParty, .onBind, upTo: mediumBody,
        authentication: .none)
    package static let openIDUserInfo: Endpoint = .get(
        "openid_userinfo", "/_matrix/federation/v1/openid/userinfo", endpointClass: .openID, authentication: .token)

    static let thirdPartySection: [Endpoint] = [.exchangeThirdPartyInvite, .onBind, .onBindPost, .openIDUserInfo]
}
