// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import Transport

/// Performs one GET over verified TLS to exactly one address. A seam: tests answer without a socket.
package protocol Fetching: Sendable {
    /// Sends no Authorization, follows no redirect, looks no name up.
    func get(_ request: FetchRequest) async throws(FetchFault) -> FetchAnswer
}

package struct FetchRequest: Hashable, Sendable {
    /// Whose certificates count.
    package enum Trust: Hashable, Sendable {
        /// The public roots: well-known answers come from ordinary web servers.
        case web
        /// What the operator trusts for federation.
        case federation
    }

    package var dial: Dial
    /// The name or address that the certificate has to carry, without brackets. A name is also the SNI.
    package var certificateName: String
    /// The Host header.
    package var host: String
    /// Path and query, in origin form.
    package var target: String
    package var trust: Trust
    /// Keys one of which the certificate must have besides; empty demands none.
    package var pins: Set<SPKIHash>
    package var maxBodyBytes: Int
    /// For everything from connecting to the last byte.
    package var timeout: TimeAmount

    package init(
        dial: Dial, certificateName: String, host: String, target: String, trust: Trust, pins: Set<SPKIHash> = [],
        maxBodyBytes: Int, timeout: TimeAmount
    ) {
        self.dial = dial
        self.certificateName = certificateName
        self.host = host
        self.target = target
        self.trust = trust
        self.pins = pins
        self.maxBodyBytes = maxBodyBytes
        self.timeout = timeout
    }
}

/// One address that was checked, and the port.
package struct Dial: Hashable, Sendable {
    package let address: IPAddress
    package let port: UInt16

    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }
}

package struct FetchAnswer: Sendable {
    package let status: Int
    /// Names in lower case, in order.
    package let fields: [(name: String, value: String)]
    package let body: [UInt8]

    package init(status: Int, fields: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    package func values(of name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
}

package enum FetchFault: Error, Hashable, Sendable {
    /// No connection to the address.
    case unreachable
    /// The handshake failed, or the certificate is not good for the name; what was wrong.
    case tls(String)
    /// The certificate is good, and its key is none of the pinned ones.
    case pinMismatch
    /// The socket is connected to an address that the rules refuse, or to another one than asked for.
    case refusedAddress(String)
    /// The body is larger than `maxBodyBytes`.
    case tooLarge
    case timeout
    /// No well-formed HTTP answer.
    case malformed(String)
}
