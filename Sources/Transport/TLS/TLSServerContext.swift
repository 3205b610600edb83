// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import CTLSBio

/// What new connections of a listener are made from. Immutable: a reload makes another.
///
/// `@unchecked Sendable`: nothing changes after `init`, and libssl locks what connections share (reference counts).
@safe package final class TLSServerContext: @unchecked Sendable {
    let timeouts: TLSTimeouts
    /// `TLSServerConfiguration.clientTrust`.
    package let clientTrust: String?
    private let names: ServerNameTable
    /// One for each group of `names`, in its order.
    private let groups: [TLSContextPointer]
    private let scope: SessionScope
    private let absentSNI: TLSServerConfiguration.AbsentSNI
    private let applicationProtocols: [[UInt8]]

    /// - Throws: when there is no identity, a key does not fit its certificate, a certificate is too weak or covers
    ///   no DNS name though absent names are refused, or roots cannot be read.
    package convenience init(_ configuration: TLSServerConfiguration) throws(OpenSSLFault) {
        try self.init(configuration, ticketKeys: [])
    }

    /// - Parameter ticketKeys: 80 bytes; empty makes keys of its own, so that no other context reads its tickets.
    init(_ configuration: TLSServerConfiguration, ticketKeys: [UInt8]) throws(OpenSSLFault) {
        let identities = configuration.identities
        guard !identities.isEmpty else { throw OpenSSLFault(attempt: "a listener without a certificate", reason: "") }
        let names = ServerNameTable(names: identities.map(\.dnsNames), types: identities.map(\.key.type))
        if configuration.absentSNI == .refuse, identities.contains(where: \.dnsNames.isEmpty) {
            throw OpenSSLFault(attempt: "a certificate without a DNS name can never be asked for", reason: "")
        }
        var groups: [TLSContextPointer] = []
        let store = try Self.roots(configuration)
        for group in names.groups {
            let context = try TLSContextPointer(server: true, minimumVersion: configuration.minimumVersion)
            for identity in group { try context.use(identities[identity]) }
            try Self.configure(context, configuration, store)
            groups.append(context)
        }
        if !ticketKeys.isEmpty, let first = groups.first {
            var keys = ticketKeys
            guard unsafe ent_SSL_CTX_set_ticket_keys(first.pointer, &keys, keys.count) == 1 else {
                throw .drained("setting ticket keys")
            }
        }
        self.names = names
        self.groups = groups
        timeouts = configuration.timeouts
        clientTrust = configuration.clientTrust
        scope = SessionScope(configuration)
        absentSNI = configuration.absentSNI
        applicationProtocols = configuration.applicationProtocols.map { Array($0.utf8) }
    }

    private static func roots(_ configuration: TLSServerConfiguration) throws(OpenSSLFault) -> CertificateStore? {
        switch configuration.clientAuthentication {
        case .none: nil
        case .optional(let roots), .required(let roots): try roots.store()
        }
    }

    private static func configure(
        _ context: TLSContextPointer, _ configuration: TLSServerConfiguration, _ store: CertificateStore?
    ) throws(OpenSSLFault) {
        let pointer = unsafe context.pointer
        unsafe ent_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
        if configuration.resumesSessions {
            unsafe SSL_CTX_set_timeout(pointer, 3600)
            guard unsafe SSL_CTX_set_num_tickets(pointer, 1) == 1 else { throw .drained("setting tickets") }
        } else {
            unsafe SSL_CTX_set_options(pointer, ent_op_no_ticket)
            guard unsafe SSL_CTX_set_num_tickets(pointer, 0) == 1 else { throw .drained("setting tickets") }
        }
        switch configuration.clientAuthentication {
        case .none: break
        case .optional(let roots):
            unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
            try unsafe roots.announce(in: pointer)
        case .required(let roots):
            unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
            try unsafe roots.announce(in: pointer)
        }
        if let store { try context.trust(store) }
        unsafe SSL_CTX_set_client_hello_cb(pointer, chooseIdentity, nil)
        unsafe ent_SSL_CTX_set_servername_cb(pointer, acknowledgeName)
        if !configuration.applicationProtocols.isEmpty {
            unsafe SSL_CTX_set_alpn_select_cb(pointer, chooseProtocol, nil)
        }
    }

    func connection() throws(OpenSSLFault) -> TLSConnection {
        guard let first = groups.first else {
            throw OpenSSLFault(attempt: "a listener without a certificate", reason: "")
        }
        return try TLSConnection(.server(self), context: first)
    }

    /// Chooses certificates for a client hello and binds its tickets, before libssl looks at the tickets.
    ///
    /// - Parameter name: the extension's content, nil without one.
    /// - Returns: nil when accepted.
    fileprivate func choose(_ name: ServerNameExtension?, for connection: TLSConnection) -> (TLSFailure, TLSAlert)? {
        let group: Int
        switch name {
        case nil, .address:
            // missing_extension would say more, but before a version is agreed on libssl sends handshake_failure for it.
            guard absentSNI == .accept else { return (.serverNameAbsent, .unrecognizedName) }
            group = ServerNameTable.fallback
        case .malformed: return (.serverNameUnknown(""), .unrecognizedName)
        case .name(let name):
            guard let known = names.group(for: name) else { return (.serverNameUnknown(name), .unrecognizedName) }
            connection.serverName = name
            group = known
        }
        let session = scope.context(serverName: connection.serverName)
        guard unsafe SSL_set_SSL_CTX(connection.ssl, groups[group].pointer) != nil,
            unsafe SSL_set_session_id_context(connection.ssl, session, UInt32(session.count)) == 1
        else { return (.library(reason: 0), TLSAlert(code: 80)) }
        return nil
    }

    /// The first of our protocols the client offers, as the place of its bytes in the offer.
    fileprivate func choose(from offer: Span<UInt8>) -> Range<Int>? {
        for wanted in applicationProtocols {
            var start = 0
            while start < offer.count {
                let range = start + 1..<start + 1 + Int(offer[start])
                guard range.upperBound <= offer.count else { return nil }
                if range.count == wanted.count, range.allSatisfy({ offer[$0] == wanted[$0 - range.lowerBound] }) {
                    return range
                }
                start = range.upperBound
            }
        }
        return nil
    }
}

/// `SSL_client_hello_cb_fn`: runs before tickets are read, unlike the server name callback.
private func chooseIdentity(
    _ ssl: OpaquePointer?, _ alert: UnsafeMutablePointer<Int32>?, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let connection = unsafe TLSConnection.behind(ssl), case .server(let context) = connection.role else {
        return SSL_CLIENT_HELLO_ERROR
    }
    var bytes: UnsafePointer<UInt8>?
    var count = 0
    var name: ServerNameExtension?
    if unsafe SSL_client_hello_get0_ext(ssl, UInt32(TLSEXT_TYPE_server_name), &bytes, &count) == 1 {
        name = unsafe ServerNameExtension(parsing: UnsafeBufferPointer(start: bytes, count: count).span)
    }
    guard let (failure, refusal) = context.choose(name, for: connection) else { return SSL_CLIENT_HELLO_SUCCESS }
    connection.refusal = failure
    unsafe alert?.pointee = Int32(refusal.code)
    return SSL_CLIENT_HELLO_ERROR
}

/// Says that the name was used: `chooseIdentity` has chosen already. RFC 6066, section 3.
private func acknowledgeName(
    _ ssl: OpaquePointer?, _ alert: UnsafeMutablePointer<Int32>?, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe TLSConnection.behind(ssl)?.serverName == nil ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_OK
}

private func chooseProtocol(
    _ ssl: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ chosenCount: UnsafeMutablePointer<UInt8>?, _ offer: UnsafePointer<UInt8>?, _ count: UInt32,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let connection = unsafe TLSConnection.behind(ssl), case .server(let context) = connection.role,
        let offer = unsafe offer,
        let range = unsafe context.choose(from: UnsafeBufferPointer(start: offer, count: Int(count)).span)
    else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    unsafe chosen?.pointee = unsafe offer + range.lowerBound
    unsafe chosenCount?.pointee = UInt8(range.count)
    return SSL_TLSEXT_ERR_OK
}
