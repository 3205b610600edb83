// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import NIOCore
internal import Transport

extension HomeserverSettings {
    var homeserver: Homeserver {
        Homeserver(
            name: serverName, hosts: hosts, upstreamHost: upstream.host, upstreamPort: upstream.port,
            wellKnown: wellKnown)
    }
}

extension NetworkAddress {
    /// The socket address; a host name is looked up now and not again.
    func resolved() throws -> SocketAddress {
        do {
            return try SocketAddress.makeAddressResolvingHost(host, port: port)
        } catch {
            throw StartFailure(
                description: "\(self): cannot be resolved, \(error); the gateway does not start; correct the address")
        }
    }
}

extension ListenerSettings {
    private static let maxFileBytes = 1 << 20

    /// Reads certificates and keys, and makes a context of them.
    ///
    /// - Parameter trust: name and file of the authorities that the policy gives a listener with a name. Without them such
    ///   a listener asks for no client certificate: nothing that comes over it is let in.
    func tlsContext(trust: (name: String, file: String)? = nil) throws -> TLSServerContext {
        do {
            var tls = TLSServerConfiguration(
                identities: try certificates.map { certificate in
                    TLSIdentityFiles(chain: certificate.chainFile, key: certificate.keyFile)
                }.map { try $0.read(limit: Self.maxFileBytes) })
            tls.listener = "\(address)"
            tls.minimumVersion = minimumTLS == .tls13 ? .tls13 : .tls12
            tls.absentSNI = absentServerName == .accept ? .accept : .refuse
            if let rootsFile = trust?.file ?? clientRootsFile {
                let roots = TrustRoots.pem(try FileBytes.read(rootsFile, limit: Self.maxFileBytes))
                tls.clientTrust = trust?.name
                switch clientCertificates {
                case .none: break
                case .optional: tls.clientAuthentication = .optional(roots)
                case .required: tls.clientAuthentication = .required(roots)
                }
            }
            return try TLSServerContext(tls)
        } catch let error as OpenSSLFault {
            throw StartFailure(
                description: "listener \(address): \(error); its certificates are not used; "
                    + "check `certificates` and that each key fits its chain")
        }
    }
}

/// A certificate chain and its key as files.
struct TLSIdentityFiles {
    var chain: String
    var key: String

    func read(limit: Int) throws -> TLSIdentity {
        try TLSIdentity(
            certificates: FileBytes.read(chain, limit: limit), key: FileBytes.read(key, limit: limit))
    }
}
