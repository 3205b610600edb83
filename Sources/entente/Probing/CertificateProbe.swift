// SPDX-License-Identifier: Apache-2.0

internal import Transport

/// `entente probe certificate`: what the TLS client would say of a server's chain.
struct CertificateProbe {
    static let maxBytes = 1 << 20

    let roots: TrustRoots
    let host: String
    /// Seconds since 1970; `nil`: now.
    let time: Int64?
    let pins: Set<SPKIHash>

    /// - Throws: when roots or host cannot be used at all, which is no verdict on the chain.
    func read(_ chain: [UInt8]) throws(OpenSSLFault) -> ProbeAnswer {
        guard chain.count <= Self.maxBytes else { return .refused(Self.fault(.unreadable)) }
        let fault = try CertificateVerification.fault(
            chain: chain, roots: roots, peer: TLSPeerName(host: host), time: time, pins: pins)
        var answer = ProbeAnswer(fault: fault.map(Self.fault))
        guard let certificates = try? X509Certificate.chain(pem: chain), let leaf = certificates.first else {
            return answer
        }
        answer.lines.append("\(certificates.count == 1 ? "1 certificate" : "\(certificates.count) certificates")")
        if !leaf.dnsNames.isEmpty { answer.lines.append("covers \(leaf.dnsNames.prefix(16).joined(separator: ", "))") }
        answer.members = [
            ("certificates", .number(certificates.count)), ("names", .list(leaf.dnsNames.map { .text($0) })),
        ]
        if let key = leaf.spki {
            let pin = PinText.text(key)
            answer.lines.append("pin \(pin)")
            answer.members.append(("pin", .text(pin)))
        }
        return answer
    }

    private static func fault(_ fault: CertificateFault) -> ProbeAnswer.Fault {
        .init(reason: "certificate.\(fault.name)", text: fault.text)
    }
}
