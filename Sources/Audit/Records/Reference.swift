// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// A room or an event in a record: the first 16 bytes of SHA-256(salt ‖ kind ‖ id).
///
/// Whoever holds the log's salt and an id can find its records; the log alone names no room and no person.
package struct Reference: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(_ name: KeyedName) { self.init(high: name.high, low: name.low) }

    /// 32 lower-case hexadecimal digits, as records show it.
    package var hex: String {
        var writer = JSONWriter()
        writer.hexadecimal(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension Reference {
    fileprivate init(_ digest: Digest) { (high, low) = digest.leadingWords }
}

/// The salt of one log, and what is hashed with it.
package struct ReferenceKey: Sendable {
    package enum Kind: UInt8, Sendable {
        case room = 0x72
        case event = 0x65
    }

    /// 32 bytes.
    private let salt: [UInt8]

    package init(salt: [UInt8]) { self.salt = salt }

    package func reference(_ kind: Kind, _ id: String) -> Reference {
        Reference(SHA256.hash(salt + CollectionOfOne(kind.rawValue) + id.utf8))
    }

    /// What makes references of many names.
    package func maker() -> ReferenceMaker { ReferenceMaker(self, salt: salt) }
}

/// Makes the references of the records of an event loop, with one buffer and one hash context for all.
///
/// For one thread at a time.
package final class ReferenceMaker {
    package let hasher = SHA256Hasher()
    private let key: ReferenceKey
    /// The salt; while a reference is made the kind and the ID, too.
    private var input: [UInt8]
    private let saltLength: Int

    /// Bytes of an ID. Longer ones are hashed elsewhere, so that no peer makes the buffer large for good.
    private static let longestID = 256

    fileprivate init(_ key: ReferenceKey, salt: [UInt8]) {
        self.key = key
        input = salt
        saltLength = salt.count
        input.reserveCapacity(saltLength + 1 + Self.longestID)
    }

    package func reference(_ kind: ReferenceKey.Kind, _ id: String) -> Reference {
        guard id.utf8.count <= Self.longestID else { return key.reference(kind, id) }
        return reference(kind) { $0.append(contentsOf: id.utf8) }
    }

    /// Those of an event by all its names: the ID that it claims, and its hashes.
    package func references(of pdu: PDUFacts, in document: JSONDocument) -> [Reference] {
        // Only events of the oldest rooms claim an ID.
        guard pdu.claimedEventID == nil else {
            return pdu.recordedIDs(in: document, hasher).map { reference(.event, $0) }
        }
        return pdu.eventHashes(in: document, hasher).map { hash in
            reference(.event) { input in
                input.append(UInt8(ascii: "$"))
                hash.appendBase64URL(to: &input)
            }
        }
    }

    private func reference(_ kind: ReferenceKey.Kind, _ appendID: (inout [UInt8]) -> Void) -> Reference {
        input.removeSubrange(saltLength...)
        input.append(kind.rawValue)
        appendID(&input)
        return Reference(hasher.hash(input))
    }
}
