// SPDX-License-Identifier: Apache-2.0

/// Finds where a homeserver is reached, by saying what to ask next until it knows.
///
/// ```
/// var discovery = ServerDiscovery(of: name)
/// while case .ask(let question) = discovery.step {
///     switch question {
///     case .wellKnown(let host): discovery.wellKnownAnswered(await fetch(host))
///     case .srv(let owner): discovery.srvAnswered(await lookUp(owner))
///     }
/// }
/// ```
///
/// At most one well-known fetch and two SRV lookups. X-Matrix names stay the original name whatever is found here. The
/// address of the connected socket still has to be checked by whoever connects.
/// Source: Server-Server API, "Resolving server names".
package struct ServerDiscovery: Sendable {
    package enum Question: Hashable, Sendable {
        /// `GET https://<host>/.well-known/matrix/server`, port 443, ordinary PKI.
        case wellKnown(host: String)
        /// The SRV records of this owner name, such as `_matrix-fed._tcp.alpha.example`.
        case srv(owner: String)
    }

    package enum Step: Hashable, Sendable {
        case ask(Question)
        case found(ServerLocation)
        case unavailable(Unavailable)
    }

    package enum Unavailable: Hashable, Sendable {
        /// A host that a resolver may read as an address (`127.1`, `0x7f.1`): refused against SSRF.
        case looksLikeAddress
        /// The zone says by a single SRV record with target `.` that there is no server.
        case declaredAbsent
        /// SRV records exist and none of them may be used.
        case noUsableRecord
    }

    package static let defaultPort: UInt16 = 8448

    /// What to do now.
    package private(set) var step: Step
    /// N, or D once a delegation was found.
    private var name: ServerName
    private var isDeprecatedSRV = false

    package init(of name: ServerName) {
        self.name = name
        if let location = ServerLocation(direct: name) {
            step = .found(location)
        } else if HostShape.looksLikeAddress(name.host) {
            step = .unavailable(.looksLikeAddress)
        } else {
            step = .ask(.wellKnown(host: name.host))
        }
    }

    /// - Parameter delegated: `m.server`, or nil for every failure, which only means to go on.
    package mutating func wellKnownAnswered(_ delegated: ServerName?) {
        guard case .ask(.wellKnown) = step else { return }
        if let delegated {
            if let location = ServerLocation(direct: delegated) {
                step = .found(location)
                return
            }
            // A delegate that could be read as an address is no answer; the original name may still be reached.
            if !HostShape.looksLikeAddress(delegated.host) { name = delegated }
        }
        step = .ask(.srv(owner: "_matrix-fed._tcp.\(name.host)"))
    }

    /// - Parameter records: what the owner name has; empty for none and for every failure.
    package mutating func srvAnswered(_ records: [SRVRecord]) {
        // Boxed: the system's generator has no size, and Thread Sanitizer looks at where an `inout` of it would be.
        var generator: any RandomNumberGenerator = SystemRandomNumberGenerator()
        srvAnswered(records, using: &generator)
    }

    package mutating func srvAnswered(_ records: [SRVRecord], using generator: inout some RandomNumberGenerator) {
        guard case .ask(.srv) = step else { return }
        if records.count == 1, records[0].target == "." || records[0].target.isEmpty {
            step = .unavailable(.declaredAbsent)
        } else if !records.isEmpty {
            let endpoints = SRVRecord.inOrder(records, using: &generator)
            step =
                endpoints.isEmpty
                ? .unavailable(.noUsableRecord) : .found(ServerLocation(name, through: endpoints))
        } else if !isDeprecatedSRV {
            isDeprecatedSRV = true
            step = .ask(.srv(owner: "_matrix._tcp.\(name.host)"))
        } else {
            step = .found(ServerLocation(name, through: [.host(name.host, port: Self.defaultPort)]))
        }
    }
}
