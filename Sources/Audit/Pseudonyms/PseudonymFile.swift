// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// The key of one month and class as it lies in its file:
///
///     entente pseudonym key 1
///     month 2026-11 class allow
///     key BASE64
enum PseudonymFile {
    static let limit = 256

    static func bytes(_ key: SecretKey, _ month: CalendarMonth, _ recordClass: AuditTerms.RecordClass) -> [UInt8] {
        var secret = key.copy()
        defer { secret.wipe() }
        var bytes = head(month, recordClass)
        bytes.reserveCapacity(limit)
        Base64.append(secret.span, to: &bytes)
        bytes.append(0x0A)
        return bytes
    }

    /// `nil` for anything but what `bytes` makes of this month and class.
    static func key(
        _ bytes: [UInt8], _ month: CalendarMonth, _ recordClass: AuditTerms.RecordClass
    ) -> SecretKey? {
        let head = head(month, recordClass)
        guard bytes.starts(with: head), bytes.count == head.count + 44, bytes.last == 0x0A,
            var secret = Base64.decode(bytes.span.extracting(head.count..<bytes.count - 1))
        else { return nil }
        return SecretKey(taking: &secret)
    }

    private static func head(_ month: CalendarMonth, _ recordClass: AuditTerms.RecordClass) -> [UInt8] {
        Array("entente pseudonym key 1\nmonth \(month.text) class \(recordClass.rawValue)\nkey ".utf8)
    }
}
