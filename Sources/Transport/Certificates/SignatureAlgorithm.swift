// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// How data may be signed by the holder of a certificate. RFC 7518, section 3.1; RFC 8037.
package enum SignatureAlgorithm: Hashable, Sendable, CaseIterable {
    /// ECDSA with SHA-256 on P-256 or brainpoolP256r1.
    case es256
    /// ECDSA with SHA-384 on P-384.
    case es384
    /// ECDSA with SHA-256 on brainpoolP256r1 alone.
    case bp256r1
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 to 8192 bits.
    case rs256
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes, 2048 to 8192 bits.
    case ps256
    /// Ed25519.
    case edDSA

    private var curves: [String] {
        switch self {
        case .es256: ["prime256v1", "brainpoolP256r1"]
        case .es384: ["secp384r1"]
        case .bp256r1: ["brainpoolP256r1"]
        case .rs256, .ps256, .edDSA: []
        }
    }

    /// Bytes of r and of s in an ECDSA signature; `nil` for others.
    var scalarBytes: Int? {
        switch self {
        case .es256, .bp256r1: 32
        case .es384: 48
        case .rs256, .ps256, .edDSA: nil
        }
    }

    /// Whether a key is of the one kind that this algorithm is for.
    func fits(_ key: OpaquePointer) -> Bool {
        switch self {
        case .es256, .es384, .bp256r1:
            guard unsafe EVP_PKEY_get_base_id(key) == EVP_PKEY_EC else { return false }
            var name = [UInt8](repeating: 0, count: 64)
            var count = 0
            let isNamed = unsafe name.withUnsafeMutableBytes { buffer in
                unsafe EVP_PKEY_get_group_name(
                    key, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, &count) == 1
            }
            return isNamed && count <= 64 && curves.contains(String(decoding: name[..<count], as: UTF8.self))
        case .rs256, .ps256:
            guard unsafe EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else { return false }
            return unsafe (2048...8192).contains(EVP_PKEY_get_bits(key))
        case .edDSA: return unsafe EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519
        }
    }

    /// Sets a context of verification or signing up for this algorithm.
    ///
    /// - Parameter begin: `EVP_DigestVerifyInit` or `EVP_DigestSignInit`, with the digest.
    func prepare(
        _ begin: (UnsafeMutablePointer<OpaquePointer?>, OpaquePointer?) -> Int32
    ) -> Bool {
        let digest =
            switch self {
            case .es256, .bp256r1, .rs256, .ps256: unsafe EVP_sha256()
            case .es384: unsafe EVP_sha384()
            case .edDSA: unsafe OpaquePointer?.none
            }
        var context: OpaquePointer?
        guard unsafe begin(&context, digest) == 1 else { return false }
        guard self == .ps256 else { return true }
        return unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 32) == 1
            && EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1
    }
}

/// ECDSA signatures as two numbers side by side, and as the DER that libcrypto wants. RFC 7518, section 3.4.
enum ECDSAForm {
    /// - Parameter raw: r and s, each of `scalarBytes`; any other length is refused.
    static func der(_ raw: [UInt8], scalarBytes: Int) -> [UInt8]? {
        guard raw.count == scalarBytes * 2 else { return nil }
        let body = integer(raw[..<scalarBytes]) + integer(raw[scalarBytes...])
        // At most 2 × (2 + 49) bytes: a length of one byte.
        guard body.count < 128 else { return nil }
        return [0x30, UInt8(body.count)] + body
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        if (digits.first ?? 0x80) >= 0x80 { digits.insert(0, at: 0) }
        return [0x02, UInt8(digits.count)] + digits
    }

    /// - Parameter der: what libcrypto wrote.
    static func raw(_ der: [UInt8], scalarBytes: Int) -> [UInt8]? {
        var raw: [UInt8] = []
        var at = 2
        for _ in 0..<2 {
            guard der.count >= at + 2, der[at] == 0x02 else { return nil }
            let end = at + 2 + Int(der[at + 1])
            guard der.count >= end else { return nil }
            let digits = der[(at + 2)..<end].drop { $0 == 0 }
            guard digits.count <= scalarBytes else { return nil }
            raw += [UInt8](repeating: 0, count: scalarBytes - digits.count) + digits
            at = end
        }
        return raw
    }
}
