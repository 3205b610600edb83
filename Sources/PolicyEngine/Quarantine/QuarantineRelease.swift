// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What two officers sign to let a quarantined request in again. AC-107. As a file:
///
///     entente quarantine release 1
///     node fr-1
///     request HEX
///     crashed 2026-11-21T03:04:05Z
///     hand-in-before 2026-11-22T03:04:05Z
///     officer officer-a ed25519 SIGNATURE
///
/// Signed is everything before the first `officer`, byte for byte. It cannot be used twice: `crashed` is the last crash that the
/// officers knew of, and after another one it fits no more.
package struct QuarantineRelease: SignedAct {
    package static let maxBytes = 8 << 10
    /// Whoever asks for signatures asks for two: what is let in may stop the gateway again.
    package static let need = 2

    package let node: String
    package let request: Digest
    package let crashed: Timestamp
    /// The first instant at which it is worthless. Whole seconds.
    package let handInBefore: Timestamp
    package var signatures: [OfficerSignature] = []

    package init(node: String, request: Digest, crashed: Timestamp, handInBefore: Timestamp) {
        self.node = node
        self.request = request
        self.crashed = crashed.wholeSeconds
        self.handInBefore = handInBefore.wholeSeconds
    }

    /// What officers sign.
    package var message: [UInt8] {
        Array(
            ("entente quarantine release 1\nnode \(node)\nrequest \(request.hex)\ncrashed \(StrictDate.text(crashed))\n"
                + "hand-in-before \(StrictDate.text(handInBefore))\n").utf8)
    }

    /// - Parameter bytes: the whole file; it has one spelling, anything else is refused.
    package init(parsing bytes: [UInt8]) throws(MalformedLines) {
        var lines = try LineReader(bytes, maxBytes: Self.maxBytes)
        try lines.take("entente quarantine release 1") {
            $0 == ["entente", "quarantine", "release", "1"] ? true : nil
        }
        let node = try lines.take("node NAME") { $0.value("node").flatMap { $0.utf8.count <= 64 ? $0 : nil } }
        let request = try lines.take("request HEX") { $0.value("request").flatMap(Digest.init(hex:)) }
        let crashed = try lines.take("crashed YYYY-MM-DDThh:mm:ssZ") { $0.instant("crashed") }
        let end = try lines.take("hand-in-before YYYY-MM-DDThh:mm:ssZ") { $0.instant("hand-in-before") }
        self.init(node: node, request: request, crashed: crashed, handInBefore: end)
        signatures = try lines.officers()
    }

    /// What people read before they sign.
    package var description: [String] {
        [
            "release of the request \(request.hex) from quarantine on node \(node):",
            "while reading it the gateway died, last before \(StrictDate.text(crashed)); it may die of it again",
            "to be handed in before \(StrictDate.text(handInBefore))",
        ]
    }
}
