// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// The side file of one day and class: each slice key, sealed to each auditor.
///
///     entente sealed keys 1
///     day 2026-11-21 class allow
///     key HEX age1… BASE64
struct SealedKeyFile {
    /// A larger one is not read: half a million keys. Bytes.
    static let limit = 1 << 26
    /// A line has a little more than 200 bytes.
    private static let lineLimit = 512

    /// By the name of the slice key, what was sealed to the one auditor.
    private(set) var keys: [Reference: [UInt8]] = [:]
    /// Names of slice keys that were sealed to others only.
    private(set) var others: Set<Reference> = []
    /// The first line that is none.
    private(set) var fault: (line: Int, what: String)?

    static func head(_ day: CalendarDay, _ recordClass: AuditTerms.RecordClass) -> [UInt8] {
        Array("entente sealed keys 1\nday \(day.text) class \(recordClass.rawValue)\n".utf8)
    }

    /// What is no line is left out: a crash may have left a part of one.
    init(_ bytes: [UInt8], _ day: CalendarDay, _ recordClass: AuditTerms.RecordClass, for recipient: SealRecipient) {
        let head = Self.head(day, recordClass)
        guard bytes.count <= Self.limit else {
            fault = (0, "it is larger than \(Self.limit) bytes")
            return
        }
        guard bytes.starts(with: head) else {
            fault = (1, "it is no side file of \(day.text), class `\(recordClass.rawValue)`")
            return
        }
        var number = 2
        for line in bytes[head.count...].split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            number += 1
            guard let entry = Self.entry(line) else {
                if fault == nil { fault = (number, "no `key NAME RECIPIENT SEALED`") }
                continue
            }
            if entry.recipient == recipient.text {
                keys[entry.name] = entry.sealed
            } else {
                others.insert(entry.name)
            }
        }
        if bytes.last != 0x0A, fault == nil { fault = (number + 1, "it ends within a line") }
    }

    private static func entry(_ line: ArraySlice<UInt8>) -> (name: Reference, recipient: String, sealed: [UInt8])? {
        guard line.count <= lineLimit else { return nil }
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 4, words[0].elementsEqual("key".utf8),
            let name = Reference(hex: String(decoding: words[1], as: UTF8.self)),
            let sealed = Base64.decode(String(decoding: words[3], as: UTF8.self)),
            sealed.count == SecretKey.sealedByteCount
        else { return nil }
        return (name, String(decoding: words[2], as: UTF8.self), sealed)
    }
}

extension Reference {
    /// 32 lower-case hexadecimal digits, or there is none.
    package init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 32, let high = UInt64(hex.prefix(16), radix: 16),
            let low = UInt64(hex.dropFirst(16), radix: 16),
            digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.init(high: high, low: low)
    }
}
