// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What is known of a peer's connection.
package struct ChannelFacts: Hashable, Sendable {
    package var version: TLSVersion
    /// Whether it showed a certificate that the listener accepted.
    package var hasClientCertificate: Bool
    /// The public key of that certificate.
    package var certificateKey: Digest?
    /// The DNS names that it holds, in lower case.
    package var certificateNames: [String] = []
    /// The trust store to which it had to lead, by the name that the node's configuration gives it.
    package var trust: String?
    /// The listener, by its name in the node's configuration; one without a name is the Internet's.
    package var listener: String?
    /// Where the other end of the connection is.
    package var source: AddressBits?
    /// IANA's name.
    package var suite: String
    /// For example `secp256r1`; empty if it is not known.
    package var group: String

    package init(version: TLSVersion, hasClientCertificate: Bool, suite: String, group: String) {
        self.version = version
        self.hasClientCertificate = hasClientCertificate
        self.suite = suite
        self.group = group
    }
}

/// The versions of TLS that the gateway speaks.
package enum TLSVersion: String, CaseIterable, Hashable, Comparable, Sendable {
    case tls12 = "1.2"
    case tls13 = "1.3"

    package static func < (a: TLSVersion, b: TLSVersion) -> Bool { a.rawValue < b.rawValue }
}

/// Suites and groups that a public body recommends.
package enum TLSProfile: String, CaseIterable, Hashable, Sendable {
    /// BSI TR-02102-2 as this version knows it: AES in GCM or CCM, curves of NIST and Brainpool, alone or beside ML-KEM.
    case bsi2026 = "bsi-2026"

    func admits(suite: String, group: String) -> Bool {
        Self.suites.contains { $0.utf8.elementsEqual(suite.utf8) }
            && Self.groups.contains { $0.utf8.elementsEqual(group.lowercased().utf8) }
    }

    private static let suites = [
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_AES_128_CCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", "TLS_ECDHE_ECDSA_WITH_AES_256_CCM",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ]
    private static let groups = [
        "secp256r1", "secp384r1", "secp521r1", "brainpoolp256r1tls13", "brainpoolp384r1tls13",
        "brainpoolp512r1tls13", "secp256r1mlkem768", "secp384r1mlkem1024",
    ]
}

/// `tls`: what the connection of a server of the tier must be like. AC-41.
struct TLSRules: Sendable {
    var min: WrittenRule<TLSVersion>?
    var profile: WrittenRule<TLSProfile>?
    var pins: WrittenRule<PinDemand>?

    func inheriting(_ base: TLSRules) -> TLSRules {
        TLSRules(min: min ?? base.min, profile: profile ?? base.profile, pins: pins ?? base.pins)
    }

    var canonical: [String] {
        var lines: [String] = []
        if let min { lines.append("tls.min \(min.value.rawValue)") }
        if let profile { lines.append("tls.profile \(profile.value.rawValue)") }
        if let pins { lines.append("tls.pins \(pins.value.rawValue)") }
        return lines
    }
}

/// Whether the policy has to pin the TLS keys of each server of the tier, under `connect.spki`.
package enum PinDemand: String, CaseIterable, Hashable, Sendable {
    case optional
    case required
}
