// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine
internal import Synchronization

/// The key with which the fields of about a minute of records of one class are sealed. Only in memory, and overwritten after its time.
final class SliceKey: Sendable {
    let day: CalendarDay
    let recordClass: AuditTerms.RecordClass
    let reference: Reference
    private let key: SecretKey
    /// The 16 bytes of `reference`.
    private let bytes: [UInt8]
    private let uses = Atomic<Int>(0)
    /// Monotonic microseconds, at least 1; 0: not used yet.
    private let firstUse = Atomic<Int64>(0)

    init(_ key: SecretKey, _ day: CalendarDay, _ recordClass: AuditTerms.RecordClass) {
        self.key = key
        self.day = day
        self.recordClass = recordClass
        reference = Self.reference(of: key, day, recordClass)
        bytes = reference.bytes
    }

    /// A hash that commits to the key, its day and its class: one that was moved to another day's file is noticed.
    static func reference(
        of key: SecretKey, _ day: CalendarDay, _ recordClass: AuditTerms.RecordClass
    ) -> Reference {
        Reference(key.identifier(beside: Array("entente slice key 1 \(day.text) \(recordClass.rawValue)\n".utf8)))
    }

    /// How many boxes it has made, and since when.
    var used: (count: Int, since: Int64) { (uses.load(ordering: .relaxed), firstUse.load(ordering: .relaxed)) }

    /// - Parameters:
    ///   - now: monotonic microseconds.
    ///   - most: so long after its first use it seals nothing more.
    /// - Returns: `nil` when its time is over.
    func seal(_ clear: Span<UInt8>, now: Int64, atMostFor most: Int64) -> SealedField? {
        let since = firstUse.load(ordering: .relaxed)
        if since == 0 {
            _ = firstUse.compareExchange(expected: 0, desired: max(now, 1), ordering: .relaxed)
        } else if now - since > most {
            return nil
        }
        uses.add(1, ordering: .relaxed)
        let text = bytes
        guard let box = key.seal(clear, beside: text.span) else { return nil }
        return SealedField(key: reference, box: box)
    }

    /// The lines of the side file: the key for each auditor.
    func lines(for recipients: [SealRecipient]) throws(KeyFileFault) -> [UInt8] {
        var text = ""
        for recipient in recipients {
            guard let sealed = key.sealed(to: recipient.key) else { throw .recipient(recipient.text) }
            text += "key \(reference.hex) \(recipient.text) \(Base64.encode(sealed))\n"
        }
        return Array(text.utf8)
    }
}

extension Reference {
    /// 16 of them.
    var bytes: [UInt8] {
        [high, low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }
}
