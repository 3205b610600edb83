// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// All that a policy's rules can tell of a server: two servers with one profile get one verdict on everything.
///
/// A rule that looks at something new of a server adds it here, and nowhere else.
struct ServerProfile: Hashable, Sendable {
    let isOwn: Bool
    /// `nil`: not admitted.
    let tier: Int?
    let refusal: ReasonCode?
}

extension Policy {
    func profile(of name: ServerName) -> ServerProfile { profile(admit(name), isOwn: isOwn(name)) }

    /// The profile of a server that would be listed with this state.
    func profile(ofNewServerOf state: CountryCode) -> ServerProfile {
        guard let name = try? PolicyQuestion.placeholder(for: state) else {
            return ServerProfile(isOwn: false, tier: nil, refusal: nil)
        }
        return profile(admit(name, asNewServerOf: state), isOwn: false)
    }

    private func profile(_ admission: Admission, isOwn: Bool) -> ServerProfile {
        switch admission {
        case .admitted(let peer): ServerProfile(isOwn: isOwn, tier: peer.tier.index, refusal: nil)
        case .refused(let verdict): ServerProfile(isOwn: isOwn, tier: nil, refusal: verdict.reason)
        }
    }

    /// The tier that a server is in, admitted or not.
    package func tierName(of name: ServerName, supposedState: CountryCode? = nil) -> String {
        if let supposedState { return compiled.tiers[tier(ofNewServerOf: supposedState)].name }
        guard let index = compiled.table.index(of: name.text.utf8.span) else {
            return compiled.tiers[compiled.unknownTier].name
        }
        return compiled.tiers[compiled.servers[index].tier].name
    }

    /// The state of a listed server.
    package func state(of name: ServerName) -> CountryCode? {
        compiled.table.index(of: name.text.utf8.span).flatMap { compiled.servers[$0].state }
    }
}
