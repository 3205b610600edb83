// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// The requests of one connection, one after the other. Confined to its event loop.
final class InboundConnection: HTTPService {
    let loop: InboundLoop
    let names: ServedNames
    /// The name of the listener that accepted it.
    let listener: String?
    let source: AddressBits?
    /// From where it was made.
    let address: IPAddress?
    private let tls: TLSServerHandler?
    /// INVARIANT: `nil` once the request is over: the two hold each other, and the request holds its body.
    private var current: InboundRequest?

    /// - Parameter tls: the connection's TLS; `nil` only where a test speaks plain text.
    init(
        _ loop: InboundLoop, _ names: ServedNames, listener: String?, source: IPAddress?, tls: TLSServerHandler?
    ) {
        self.listener = listener
        address = source?.unmapped
        self.source = source.map(AddressBits.init)
        self.loop = loop
        self.names = names
        self.tls = tls
    }

    /// The server name of the TLS handshake.
    var serverName: String? { tls?.facts?.serverName }

    /// What a policy may ask of the connection. Without TLS it is the least that there is.
    ///
    /// Asked for by requests only, so after the handshake, whose facts do not change.
    private(set) lazy var channel: ChannelFacts = {
        let facts = tls?.facts
        var channel = ChannelFacts(
            version: facts?.version == .tls13 ? .tls13 : .tls12,
            hasClientCertificate: facts?.peerCertificateSPKI != nil, suite: facts?.cipherSuite ?? "",
            group: facts?.group ?? "")
        channel.certificateKey = facts?.peerCertificateSPKI.flatMap { Digest($0.bytes.span) }
        channel.certificateNames = facts?.peerCertificateNames ?? []
        channel.trust = tls?.clientTrust
        channel.listener = listener
        channel.source = source
        return channel
    }()

    var tlsRecord: AuditRecord.TLS? {
        tls?.facts.map {
            AuditRecord.TLS(
                version: $0.version.rawValue, suite: $0.cipherSuite, group: $0.group,
                peerSPKI: $0.peerCertificateSPKI.flatMap { Digest($0.bytes.span) })
        }
    }

    func head(_ head: HTTPRequestHead, _ exchange: HTTPExchange) -> BodyPlan {
        let request = InboundRequest(self, exchange)
        current = request
        return request.head(head)
    }

    func body(_ body: ByteBuffer, _ exchange: HTTPExchange) { current?.body(body) }

    func refused(_ refusal: HTTPRefusal, _ exchange: HTTPExchange) -> RefusalAnswer {
        if let current, current.exchange === exchange {
            if refusal == .slowReader { current.leftUnread(Refusal(refusal)) } else { current.refuse(Refusal(refusal)) }
        } else if !exchange.hasBegun {
            InboundRequest(self, exchange).refuse(Refusal(refusal))
        }
        return .byService
    }

    func closed(_ exchange: HTTPExchange) {
        if current?.exchange === exchange { current?.peerLeft() }
    }

    /// Lets go of an answered request, and so of its body: a connection at rest keeps nothing.
    func ended(_ request: InboundRequest) {
        if current === request { current = nil }
    }
}

extension AddressBits {
    init(_ address: IPAddress) {
        let address = address.unmapped
        self =
            address.family == .v4
            ? AddressBits(v4: UInt32(truncatingIfNeeded: address.bits)) : AddressBits(v6: address.bits)
    }
}

extension Refusal {
    /// What the record calls a refusal of the HTTP reader.
    init(_ refusal: HTTPRefusal) {
        let reason: ReasonCode =
            switch refusal.family {
            case .framing: .httpFraming
            case .target: .pathNonCanonical
            // A verb that nothing is served by is the wrong verb wherever it points (AC-27).
            case .unsupported: refusal == .methodNotAllowed ? .endpointMethod : .httpUnsupported
            case .limits: .httpLimits
            case .slow: .httpSlow
            case .compression: .httpCompression
            case .contentType: .httpContentType
            }
        self.init(refusal.status, refusal.errcode, reason, explain: refusal.reason)
    }

    init(_ fault: RequestFacts.Fault) {
        let (status, errcode, reason): (Int, StaticString, ReasonCode) =
            switch fault {
            case .identifier: (400, "M_INVALID_PARAM", .pathEncoding)
            case .mediaIdentifier: (400, "M_INVALID_PARAM", .mediaIdentifier)
            case .body: (400, "M_BAD_JSON", .jsonInvalid)
            case .number: (400, "M_BAD_JSON", .jsonNumber)
            case .event(let fault): (400, "M_BAD_JSON", ReasonCode(fault))
            case .mismatch: (400, "M_INVALID_PARAM", .pduPathMismatch)
            case .foreignActor: (403, "M_FORBIDDEN", .memberForeign)
            case .relayedInvite: (403, "M_FORBIDDEN", .inviteRelayed)
            case .foreignTarget: (400, "M_INVALID_PARAM", .memberForeign)
            case .inviteState: (400, "M_BAD_JSON", .pduMalformed)
            }
        self.init(status, errcode, reason)
    }

    init(_ fault: Transaction.Fault) {
        switch fault {
        case .malformed(let member):
            self.init(400, "M_BAD_JSON", .jsonInvalid, explain: "`\(member.rawValue)` is malformed")
        case .tooMany(let member):
            self.init(400, "M_BAD_JSON", .pduLimits, explain: "too many `\(member.rawValue)`")
        case .number: self.init(400, "M_BAD_JSON", .jsonNumber)
        case .origin: self.init(403, "M_FORBIDDEN", .transactionOrigin)
        }
    }
}
