// SPDX-License-Identifier: Apache-2.0

/// The signatures that an event carries.
///
/// Of a server that has to sign, keys that are unknown or were not valid at the event's time are passed over; every other
/// signature of it has to verify, and there has to be one.
struct EventSignatures {
    private let event: EventForm
    private let keys: (ServerName, KeyID) -> EventVerification.KnownKey?
    private let message: [UInt8]

    /// Signatures of one server that are looked at.
    static let maxPerServer = 64

    init(_ event: EventForm, _ keys: @escaping (ServerName, KeyID) -> EventVerification.KnownKey?) {
        self.event = event
        self.keys = keys
        message = event.signingMessage()
    }

    func areValid(of servers: [ServerName]) -> Bool { servers.allSatisfy(isSigned) }

    private func isSigned(by server: ServerName) -> Bool {
        let document = event.document
        guard let all = document.value("signatures", of: event.node), let own = document.member(server.text, of: all),
            document.kind(own) == .object, document.count(own) <= Self.maxPerServer
        else { return false }
        var isSigned = false
        for (name, value) in document.members(of: own) {
            guard let id = document.decodedBytes(name), let keyID = try? KeyID(parsing: id.span),
                let known = keys(server, keyID), isInTime(known)
            else { continue }
            guard let text = document.decodedBytes(value), let signature = Signature(base64: text.span),
                known.key.isValid(signature: signature, of: message)
            else { return false }
            isSigned = true
        }
        return isSigned
    }

    private func isInTime(_ known: EventVerification.KnownKey) -> Bool {
        guard event.version.checksKeyValidity else { return true }
        guard let time = event.document.value("origin_server_ts", of: event.node).flatMap(event.document.integer) else {
            return false
        }
        return known.validUntil.milliseconds >= time
    }
}
