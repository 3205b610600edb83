// SPDX-License-Identifier: Apache-2.0

/// Whether the DNS names of a certificate hold a host. RFC 6125: whole names, and `*.` for one label.
enum CertificateNames {
    /// - Parameter names: in lower case.
    static func hold(_ host: String, in names: [String]) -> Bool {
        names.contains { name in
            if name.utf8.elementsEqual(host.utf8) { return true }
            guard name.hasPrefix("*."), let dot = host.utf8.firstIndex(of: UInt8(ascii: ".")), dot > host.startIndex
            else { return false }
            let domain = name.utf8.dropFirst()
            // `*.example` would stand for everything below a top-level domain.
            return domain.filter { $0 == UInt8(ascii: ".") }.count > 1 && domain.elementsEqual(host.utf8[dot...])
        }
    }
}
