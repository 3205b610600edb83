// SPDX-License-Identifier: Apache-2.0

import Testing
import Transport

@Suite("TLS failures in words")
struct FailureTextTests {
    @Test("what records show holds no Swift names")
    func words() {
        let failures: [TLSFailure] = [
            .handshakeTimeout, .closedDuringHandshake, .truncated, .protocolVersion, .parameters, .applicationProtocol,
            .serverNameAbsent, .serverNameUnknown("a.example"), .serverNameUnknown(""), .renegotiation,
            .certificate(.expired), .certificate(.other(99)), .certificateMissing, .peerAlert(.unknownCA), .notTLS,
            .protocolViolation(reason: 1), .library(reason: 2), .closed,
        ]
        #expect(Set(failures.map(\.plainText)).count == failures.count)
        for failure in failures {
            #expect(failure.plainText != "\(failure)")
            #expect(failure.plainText.contains(" "))
        }
        #expect(TLSFailure.serverNameUnknown("a.example").plainText.contains("`a.example`"))
        #expect(TLSFailure.peerAlert(.unknownCA).plainText.hasSuffix("unknown_ca"))
        #expect(TLSFailure.certificate(.expired).plainText == CertificateFault.expired.plainText)
    }
}
