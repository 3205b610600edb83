// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What a minted certificate says.
package struct CertificateRequest: Sendable {
    package enum Usage: Hashable, Sendable { case server, client, both }

    /// Wildcards are allowed: `*.example.org`.
    package var dnsNames: [String]
    /// IPv4 or IPv6 addresses in text.
    package var addresses: [String]
    package var validity: CertificateValidity
    package var usage = Usage.both
    package var key = PrivateKey.Kind.p256

    package init(
        dnsNames: [String], addresses: [String] = [], validity: CertificateValidity = .days(90), usage: Usage = .both,
        key: PrivateKey.Kind = .p256
    ) {
        self.dnsNames = dnsNames
        self.addresses = addresses
        self.validity = validity
        self.usage = usage
        self.key = key
    }
}

/// From when until when, in seconds since 1970-01-01T00:00:00Z.
package struct CertificateValidity: Hashable, Sendable {
    package var notBefore: Int64
    package var notAfter: Int64

    package init(notBefore: Int64, notAfter: Int64) {
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// From an hour before now, for clocks that are behind.
    package static func days(_ days: Int) -> CertificateValidity {
        let now = Int64(time(nil))
        return CertificateValidity(notBefore: now - 3600, notAfter: now + Int64(days) * 86400)
    }

    /// Over since an hour.
    package static var past: CertificateValidity {
        let now = Int64(time(nil))
        return CertificateValidity(notBefore: now - 7200, notAfter: now - 3600)
    }

    /// Begins in an hour.
    package static var future: CertificateValidity {
        let now = Int64(time(nil))
        return CertificateValidity(notBefore: now + 3600, notAfter: now + 7200)
    }
}
