// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing
import Transport

@Suite("Data signed by the holder of a certificate")
struct SignedDataTests {
    private static let data = Array("what was signed".utf8)
    private static let now = Int64(time(nil))
    static let pairs: [(SignatureAlgorithm, PrivateKey.Kind)] = [
        (.es256, .p256), (.es256, .brainpoolP256r1), (.bp256r1, .brainpoolP256r1), (.es384, .p384), (.rs256, .rsa2048),
        (.ps256, .rsa2048), (.edDSA, .ed25519),
    ]

    private let authority: CertificateAuthority

    init() throws { authority = try CertificateAuthority(name: "root") }

    private func signed(
        _ algorithm: SignatureAlgorithm, _ key: PrivateKey.Kind, by issuer: CertificateAuthority? = nil,
        validity: CertificateValidity = .days(90)
    ) throws -> SignedData {
        let identity = try (issuer ?? authority).issue(
            CertificateRequest(dnsNames: ["lists.example"], validity: validity, key: key))
        return SignedData(
            data: Self.data, signature: try identity.key.signature(of: Self.data, algorithm), algorithm: algorithm,
            certificates: try identity.chain.map { try $0.der() })
    }

    private func fault(_ data: SignedData, time: Int64 = now, roots: TrustRoots? = nil) throws -> SignedData.Fault? {
        let roots = try roots ?? .pem(authority.pem())
        do throws(SignedData.Fault) {
            _ = try data.signer(roots: roots, time: time)
            return nil
        } catch {
            return error
        }
    }

    @Test("every algorithm verifies what its kind of key signed, and says who signed", arguments: pairs)
    func good(algorithm: SignatureAlgorithm, key: PrivateKey.Kind) throws {
        let signer = try signed(algorithm, key).signer(roots: .pem(authority.pem()), time: Self.now)
        #expect(signer.subject == "CN=lists.example")
        #expect(signer.dnsNames == ["lists.example"])
        #expect(abs(signer.validUntil - Self.now - 90 * 86400) < 120)
    }

    @Test("a signature is never read under another algorithm than its key's", arguments: pairs)
    func confusion(algorithm: SignatureAlgorithm, key: PrivateKey.Kind) throws {
        let good = try signed(algorithm, key)
        for other in SignatureAlgorithm.allCases where other != algorithm {
            var bad = good
            bad.algorithm = other
            let fault = try fault(bad)
            // ES256 is the registered name of what BP256R1 says; RS256 and PS256 share a key and differ in the signature.
            if [algorithm, other].allSatisfy({ [.es256, .bp256r1].contains($0) }), key == .brainpoolP256r1 {
                #expect(fault == nil)
            } else if [algorithm, other].allSatisfy({ [.rs256, .ps256].contains($0) }) {
                #expect(fault == .signature)
            } else {
                #expect(fault == .algorithm, "\(algorithm) as \(other)")
            }
        }
    }

    @Test("one bit of the data, one of the signature, another length: refused", arguments: pairs)
    func altered(algorithm: SignatureAlgorithm, key: PrivateKey.Kind) throws {
        let good = try signed(algorithm, key)
        var bad = good
        bad.data[3] ^= 1
        #expect(try fault(bad) == .signature)
        for offset in [0, good.signature.count - 1] {
            bad = good
            bad.signature[offset] ^= 1
            #expect(try fault(bad) == .signature)
        }
        for signature in [[], Array(good.signature.dropLast()), good.signature + [0], [0] + good.signature] {
            bad = good
            bad.signature = signature
            #expect(try fault(bad) == .signature)
        }
        bad = good
        bad.signature = [UInt8](repeating: 0, count: good.signature.count)
        #expect(try fault(bad) == .signature)
    }

    @Test("the certificates decide before the signature: other root, expired, early, weak, missing, not one")
    func certificates() throws {
        let other = try CertificateAuthority(name: "root")
        #expect(try fault(signed(.es256, .p256, by: other)) == .certificate(.unknownAuthority))
        #expect(try fault(signed(.es256, .p256, validity: .past)) == .certificate(.expired))
        #expect(try fault(signed(.es256, .p256, validity: .future)) == .certificate(.notYetValid))
        #expect(try fault(signed(.rs256, .rsa1024)) == .certificate(.weakKey))
        let middle = try authority.subordinate(name: "middle")
        var data = try signed(.es256, .p256, by: middle)
        #expect(try fault(data) == nil)
        #expect(try fault(data, roots: .pem(middle.pem())) == nil, "an authority below another can be what is trusted")
        data.certificates.removeLast()
        #expect(try fault(data) == .certificate(.unknownAuthority))
        data.certificates[0].append(0)
        #expect(try fault(data) == .certificate(.unreadable))
        data.certificates = []
        #expect(try fault(data) == .certificate(.unreadable))
        #expect(throws: SignedData.Fault.self) { try signed(.es256, .p256).signer(roots: .pem([]), time: Self.now) }
    }

    @Test("time is the caller's: a good certificate has not begun last year and is over in ten")
    func clock() throws {
        let data = try signed(.es256, .p256)
        #expect(try fault(data, time: Self.now - 366 * 86400) == .certificate(.notYetValid))
        #expect(try fault(data, time: Self.now + 3650 * 86400) == .certificate(.expired))
    }

    @Test("an authority's own key signs no data")
    func authorityKey() throws {
        let key = try PrivateKey(pem: authority.keyPEM())
        let data = SignedData(
            data: Self.data, signature: try key.signature(of: Self.data, .es256), algorithm: .es256,
            certificates: [try authority.certificate.der()])
        #expect(try fault(data) == .keyUsage)
    }
}
