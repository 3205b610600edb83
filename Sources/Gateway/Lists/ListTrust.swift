// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// Whether a signed list is by whom the policy says.
enum ListTrust {
    /// - Parameter roots: the PEM text of the authorities.
    /// - Returns: who signed it; only then may its payload be read.
    static func signer(
        of jws: CompactJWS, _ source: ListSource, roots: [UInt8], at now: Timestamp
    ) throws(ListFault) -> ListSigner {
        let data = SignedData(
            data: jws.signingInput, signature: jws.signature, algorithm: SignatureAlgorithm(jws.header.algorithm),
            certificates: jws.header.certificates)
        let signer: SignedData.Signer
        do throws(SignedData.Fault) {
            signer = try data.signer(roots: .pem(roots), time: now.milliseconds / 1000)
        } catch {
            throw fault(error, source)
        }
        try check(signer, against: source.signer)
        return ListSigner(
            subject: signer.subject, validUntil: Timestamp(milliseconds: signer.validUntil * 1000))
    }

    private static func check(_ signer: SignedData.Signer, against pins: ListSignerPins) throws(ListFault) {
        var wrong: String?
        if let subject = pins.subject, signer.subject != subject { wrong = "subject" }
        if let dns = pins.dns, !signer.dnsNames.contains(dns) { wrong = "dns" }
        if let spki = pins.spki, signer.spki?.bytes != spki.bytes { wrong = "spki" }
        guard let wrong else { return }
        throw .outside(
            what:
                "it is signed by \(quoted(signer.subject)), which is not the `signer` of the policy: `\(wrong)` differs",
            todo: "do not trust it before its publisher has confirmed the new signer by another way")
    }

    private static func fault(_ fault: SignedData.Fault, _ source: ListSource) -> ListFault {
        let ask = "fetch it again; if that does not help, ask its publisher"
        return switch fault {
        case .certificate(let fault):
            .outside(
                what: "the certificate of its signer is not accepted: \(fault.plainText)",
                todo: "\(ask), or correct \(quoted(source.roots ?? "roots"))")
        case .keyUsage: .outside(what: "the certificate of its signer is not for signing data", todo: ask)
        case .algorithm: .outside(what: "its algorithm does not fit the key of its signer", todo: ask)
        case .signature: .outside(what: "its signature is wrong", todo: ask)
        case .library(let fault):
            .outside(
                what: "its authorities cannot be used: \(fault)",
                todo: "give \(quoted(source.roots ?? "roots")) a PEM file of authorities")
        }
    }
}

extension SignatureAlgorithm {
    init(_ algorithm: JWSAlgorithm) {
        self =
            switch algorithm {
            case .es256: .es256
            case .es384: .es384
            case .bp256r1: .bp256r1
            case .rs256: .rs256
            case .ps256: .ps256
            case .edDSA: .edDSA
            }
    }
}
