// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// The side file of one day and class: each slice key, sealed to each auditor.
///
///     entente sealed keys 1
///     day 2026-11-21 class allow
///     key HEX age1… BASE64
enum SealedKeyFile {
    static func head(_ day: CalendarDay, _ recordClass: AuditTerms.RecordClass) -> [UInt8] {
        Array("entente sealed keys 1\nday \(day.text) class \(recordClass.rawValue)\n".utf8)
    }
}
