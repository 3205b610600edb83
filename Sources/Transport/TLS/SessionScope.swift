// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// What a session ticket is bound to: the listener, its identities, what it asks of clients, and the name asked for.
///
/// A ticket from another scope is not resumed; the handshake is a full one. Without this a session made where no client
/// certificate is asked could be resumed where one is.
struct SessionScope {
    private let listener: [UInt8]

    init(_ configuration: TLSServerConfiguration) {
        var description: [UInt8] = []
        func add(_ bytes: some Collection<UInt8>) {
            for shift in stride(from: 56, through: 0, by: -8) {
                description.append(UInt8(truncatingIfNeeded: bytes.count >> shift))
            }
            description.append(contentsOf: bytes)
        }
        func add(_ roots: TrustRoots) {
            switch roots {
            case .system: add("system".utf8)
            case .pem(let bytes): add(bytes)
            case .file(let path): add(path.utf8)
            }
        }
        add(configuration.listener.utf8)
        for identity in configuration.identities { add(identity.spki?.bytes ?? []) }
        switch configuration.clientAuthentication {
        case .none: add("none".utf8)
        case .optional(let roots):
            add("optional".utf8)
            add(roots)
        case .required(let roots):
            add("required".utf8)
            add(roots)
        }
        listener = Self.hash(description)
    }

    /// 32 bytes, the most a session id context may have.
    func context(serverName: String?) -> [UInt8] {
        var description = listener
        // No name and no byte can be mistaken for each other: names are never empty.
        if let serverName { description.append(contentsOf: serverName.utf8) }
        return Self.hash(description)
    }

    private static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: 32)
        unsafe SHA256(bytes, bytes.count, &hash)
        return hash
    }
}
