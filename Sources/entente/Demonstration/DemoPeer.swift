// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// A made-up remote homeserver with a signing key.
struct DemoPeer {
    let name: ServerName
    let key: SigningKey

    /// - Parameter directory: has a file `NAME.key` as `entente keygen signing` writes it.
    init(_ name: String, keys directory: String) throws {
        self.name = try ServerName(name)
        let line = try FileBytes.read("\(directory)/\(name).key", limit: 1024)
        key = try SigningKey(parsing: line.span)
    }

    /// A request signed by this peer.
    ///
    /// - Parameters:
    ///   - origin: whom it names as its sender; this peer unless it forges.
    ///   - signedFor: the destination that the signature covers; `home` unless it is a replay.
    ///   - content: JSON text.
    func request(
        _ method: String, _ target: String, _ content: String? = nil, to home: ServerName,
        origin: ServerName? = nil, signedFor destination: ServerName? = nil
    ) throws -> DemoRequest {
        let body = content.map { Array($0.utf8) }
        let header = SignedRequest.header(
            method: method.utf8.span, uri: target.utf8.span, origin: origin ?? name,
            destination: destination ?? home, content: try body.map { try JSONDocument(reading: $0) }, by: key)
        return DemoRequest(
            method: method, target: target, host: home.text, authorization: header.fieldValue(), body: body)
    }
}

/// A request as it will be sent.
struct DemoRequest: Sendable {
    let method: String
    let target: String
    let host: String
    let authorization: [UInt8]
    let body: [UInt8]?

    var head: [UInt8] {
        var head = Array("\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: entente-demo\r\n".utf8)
        head += Array("Authorization: ".utf8) + authorization + Array("\r\n".utf8)
        if let body {
            head += Array("Content-Type: application/json\r\nContent-Length: \(body.count)\r\n".utf8)
        }
        return head + Array("Connection: close\r\n\r\n".utf8)
    }
}
