// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Media, messages to devices, folding, labels, limits")
struct MediaAndDeviceTests {
    @Test("AC-77 a file is refused for its size, its type, for want of a reference, and where one of them is not known")
    func media() throws {
        let policy = try ContentPolicy(
            "media: { max: 1MiB, types: [image/*, application/pdf], require_reference: true }"
        ).policy
        let peer = try policy.peer(ContentPolicy.peer)
        let good = MediaFacts(bytes: 1 << 20, type: "image/png", isReferenced: true)
        #expect(policy.decideMedia(good, with: peer).isAllowed)
        for type in ["IMAGE/PNG", "image/svg+xml; charset=utf-8", "application/pdf ;x=y"] {
            var facts = good
            facts.type = type
            #expect(policy.decideMedia(facts, with: peer).isAllowed, "\(type)")
        }
        let hostile: [(WritableKeyPath<MediaFacts, String?>, String?)] = [
            "application/pdfx", "application", "image/", "/png", "", "images/png", "text/html;image/png", "image/png/x",
        ].map { (\.type, $0) }
        for (path, value) in hostile {
            var facts = good
            facts[keyPath: path] = value
            let refused = policy.decideMedia(facts, with: peer)
            #expect(refused.reason == .mediaDenied && refused.rule?.id == "tiers.eu.media.types", "\(value ?? "nil")")
        }
        for bytes in [(1 << 20) + 1, Int.max] {
            var facts = good
            facts.bytes = bytes
            #expect(policy.decideMedia(facts, with: peer).rule?.id == "tiers.eu.media.max")
        }
        var unshown = good
        unshown.isReferenced = false
        #expect(policy.decideMedia(unshown, with: peer).reason == .mediaDenied)
        #expect(policy.decideMedia(unshown, with: peer).rule?.id == "tiers.eu.media.require_reference")
        for (facts, rule) in [
            (MediaFacts(type: "image/png", isReferenced: true), "max"),
            (MediaFacts(bytes: 1, isReferenced: true), "types"),
            (MediaFacts(bytes: 1, type: "image/png"), "require_reference"),
        ] {
            let refused = policy.decideMedia(facts, with: peer)
            #expect(refused.reason == .mediaUnknown && refused.rule?.id == "tiers.eu.media.\(rule)")
            for answer in ["allow", "alert", "refuse"] {
                let told = try ContentPolicy(
                    "media: { max: 1MiB, types: [image/*], require_reference: true, unknown: \(answer) }"
                ).policy
                let verdict = told.decideMedia(facts, with: try told.peer(ContentPolicy.peer))
                #expect(verdict.isAllowed == (answer != "refuse"), "\(answer)")
                #expect(verdict.alert == (answer == "alert" ? .mediaUnknown : nil))
                #expect(answer != "refuse" || verdict.rule?.id == "tiers.eu.media.unknown")
            }
        }
        // What fails does not become better by what is not known.
        #expect(policy.decideMedia(MediaFacts(bytes: 2 << 20), with: peer).reason == .mediaDenied)
        let silent = try ContentPolicy("audit: full").policy
        #expect(silent.decideMedia(MediaFacts(), with: try silent.peer(ContentPolicy.peer)).isAllowed)
    }

    @Test("AC-80 messages to devices are refused by type and by size")
    func toDevice() throws {
        let policy = try ContentPolicy(
            "to_device: { types: [m.room.encrypted, \"m.key.verification.*\"], max: 4KiB }"
        ).policy
        let peer = try policy.peer(ContentPolicy.peer)
        func verdict(_ type: String, _ bytes: Int = 4096) -> Verdict {
            policy.decideToDevice(type: type, bytes: bytes, from: peer)
        }
        #expect(verdict("m.room.encrypted").isAllowed && verdict("m.key.verification.start").isAllowed)
        for type in ["org.example.exfiltration", "", "m.key.verification", "m.room_key"] {
            #expect(verdict(type).reason == .eduToDevice, "\(type)")
            #expect(verdict(type).rule?.id == "tiers.eu.to_device.types")
        }
        #expect(verdict("m.room.encrypted", 4097).rule?.id == "tiers.eu.to_device.max")
    }

    @Test("AC-83 folding is the tier's, and inherited key by key")
    func fold() throws {
        let policy = try ContentPolicy(
            "fold: { presence: online_offline_only }", like: ["fold: { device_names: remove }"]
        ).policy
        let eu = policy.folding(for: try policy.peer(ContentPolicy.peer))
        #expect(eu.isPresenceReduced && !eu.areDeviceNamesRemoved)
        let partner = policy.folding(for: try policy.peer(ContentPolicy.partner))
        #expect(partner.isPresenceReduced && partner.areDeviceNamesRemoved)
    }

    @Test("AC-83 presence that is to be folded is refused whole, as it cannot be changed without being signed anew")
    func foldedPresence() throws {
        let folded = try ContentPolicy("fold: { presence: online_offline_only }").policy
        let refused = folded.decideEDU(.presence, from: try folded.peer(ContentPolicy.peer), .inbound)
        #expect(refused.reason == .eduRefused && refused.rule?.id == "tiers.eu.fold.presence")
        let whole = try ContentPolicy("fold: { presence: whole }").policy
        #expect(whole.decideEDU(.presence, from: try whole.peer(ContentPolicy.peer), .inbound).isAllowed)
    }

    @Test("a label above the ceiling, of another scheme, or none at all")
    func labels() throws {
        let policy = try ContentPolicy("labels: { scheme: stanag-4774, ceiling: \"NATO RESTRICTED\", missing: alert }")
            .policy
        let peer = try policy.peer(ContentPolicy.peer)
        for label in ["NATO UNCLASSIFIED", "NATO RESTRICTED"] {
            #expect(policy.decideLabel(label, with: peer) == .unopposed)
        }
        #expect(policy.decideLabel("NATO CONFIDENTIAL", with: peer).reason == .labelCeiling)
        #expect(policy.decideLabel("COSMIC TOP SECRET", with: peer).rule?.id == "tiers.eu.labels.ceiling")
        for label in ["nato restricted", "NATO  RESTRICTED", "EU RESTRICTED", ""] {
            #expect(policy.decideLabel(label, with: peer).reason == .labelUnknown, "\(label)")
        }
        let missing = policy.decideLabel(nil, with: peer)
        #expect(missing.isAllowed && missing.alert == .labelMissing)
        let strict = try ContentPolicy("labels: { scheme: eu-2013-488, ceiling: \"EU SECRET\" }").policy
        let refused = strict.decideLabel(nil, with: try strict.peer(ContentPolicy.peer))
        #expect(refused.reason == .labelMissing && refused.rule?.id == "tiers.eu.labels")
    }

    @Test("limits are read with their units, and inherited one by one")
    func limits() throws {
        let policy = try ContentPolicy(
            "limits: { requests: 50/s, concurrent: 20, bytes_out: 5GiB/d, profiles: 200/h, keys_claim: 60/min }",
            like: ["limits: { requests: 20/s, concurrent: 8 }"]
        ).policy
        let eu = try #require(policy.limits(of: try policy.peer(ContentPolicy.peer)))
        #expect(eu.concurrent == 20 && eu.rates.count == 4)
        #expect(eu.rates[.requests]?.count == 50 && eu.rates[.requests]?.period == 1)
        #expect(eu.rates[.bytesOut]?.count == 5 << 30 && eu.rates[.bytesOut]?.period == 86_400)
        #expect(eu.rates[.profiles]?.period == 3600 && eu.rates[.keysClaim]?.period == 60)
        let partner = try #require(policy.limits(of: try policy.peer(ContentPolicy.partner)))
        #expect(eu[.requests]?.rule.id == "tiers.eu.limits.requests" && eu[.invites] == nil)
        #expect(
            partner.concurrent == 8 && partner.rates[.requests]?.count == 20 && partner.rates[.profiles]?.count == 200)
    }

    @Test("AC-41 a connection must have the tier's version and certificate")
    func channel() throws {
        let policy = try ContentPolicy("client_certificate: required", "tls: { min: \"1.3\", profile: bsi-2026 }")
            .policy
        let peer = try policy.peer(ContentPolicy.peer)
        var channel = ChannelFacts(
            version: .tls13, hasClientCertificate: true, suite: "TLS_AES_256_GCM_SHA384", group: "secp256r1")
        channel.certificateNames = [ContentPolicy.peer]
        #expect(policy.decideChannel(channel, of: peer).isAllowed && policy.decideProfile(channel, of: peer).isAllowed)
        channel.group = "x25519"
        #expect(policy.decideProfile(channel, of: peer).rule?.id == "tiers.eu.tls.profile")
        channel.version = .tls12
        #expect(policy.decideChannel(channel, of: peer).reason == .tlsRefused)
        #expect(policy.decideChannel(channel, of: peer).rule?.id == "tiers.eu.tls.min")
        channel.hasClientCertificate = false
        #expect(policy.decideChannel(channel, of: peer).reason == .tlsClientCertificate)
        let lenient = try ContentPolicy("client_certificate: optional", "tls: { min: \"1.2\" }").policy
        #expect(lenient.decideChannel(channel, of: try lenient.peer(ContentPolicy.peer)).isAllowed)
    }

    @Test("audit level and event verification are the tier's")
    func levels() throws {
        let policy = try ContentPolicy("audit: forensic", "verify_pdus: all", like: ["audit: standard"]).policy
        let (eu, partner) = (try policy.peer(ContentPolicy.peer), try policy.peer(ContentPolicy.partner))
        #expect(policy.auditLevel(of: eu) == .forensic && policy.auditLevel(of: partner) == .standard)
        #expect(policy.eventVerification(of: eu) == .all && policy.eventVerification(of: partner) == .all)
    }
}
