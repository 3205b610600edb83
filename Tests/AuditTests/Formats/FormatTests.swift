// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Testing

@testable import Audit

@Suite("Copies of records in the formats of other systems")
struct FormatTests {
    private static func record(_ text: String, sequence: UInt64 = 42) -> [UInt8] {
        var encoder = RecordEncoder(node: "gw-1")
        encoder.encode(EncodingTests.full(text))
        return encoder.complete(sequence: sequence)
    }

    private static func copy(_ format: AuditSink.Format, _ record: [UInt8]) throws -> String {
        let bytes = try #require(format.copy(of: record))
        return try #require(String(validating: bytes, as: UTF8.self))
    }

    /// Whether something in it acts instead of showing.
    private static func acts(_ text: String) -> Bool {
        text.unicodeScalars.contains { JSONWriter.isDangerous($0.value) }
    }

    @Test(
        "AC-89 hostile text makes one line in every format, and nothing in it acts",
        arguments: EncodingTests.hostile, AuditSink.Format.allCases)
    func hostile(text: String, format: AuditSink.Format) throws {
        let copy = try Self.copy(format, Self.record(text))
        #expect(!Self.acts(copy))
        #expect(copy.utf8.count <= AuditSink.Format.copyLimit)
        // The control: raw, the same text would act.
        if text.hasPrefix("a\r\n") { #expect(Self.acts(text)) }
    }

    @Test(
        "AC-89 texts made of what each format holds special come back as they were", arguments: 0..<8 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = Dice(seed)
        let pieces = [
            "\\", "\"", "]", "[", "=", "|", " ", "a", "b=c", "\r\n", "\u{202E}", "\u{7F}", "漢", "CEF:0|", "\\\\",
        ]
        for _ in 0..<200 {
            let text = (0..<Int.random(in: 1...20, using: &generator))
                .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }.joined()
            let record = Self.record(text)
            let syslog = try Self.copy(.rfc5424, record)
            #expect(try Self.parameter("rule_id", in: syslog) == text, "seed \(seed): \(text.debugDescription)")
            #expect(syslog.hasSuffix("] " + String(decoding: record, as: UTF8.self)))
            let cef = try Self.copy(.cef, record)
            #expect(try Self.extensionValue("shost", in: cef) == text, "seed \(seed): \(text.debugDescription)")
            for format in [AuditSink.Format.ocsf, .ecs] {
                let copy = try Self.copy(format, record)
                let json = try JSONDocument(reading: Array(copy.utf8))
                #expect(json.isCanonical || Self.acts(text), "seed \(seed): \(text.debugDescription)")
                let rule = json.member(format == .ocsf ? "firewall_rule" : "rule", of: json.root)
                let id = rule.flatMap { json.member(format == .ocsf ? "uid" : "id", of: $0) }
                #expect(id.flatMap(json.string)?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
            }
        }
    }

    /// What RFC 5424, section 6.3.3, says a parameter's value is, read as the text that JSON writes so.
    private static func parameter(_ name: String, in line: String) throws -> String {
        let start = try #require(line.range(of: " \(name)=\"")).upperBound
        var value = ""
        var isEscaped = false
        for scalar in line[start...].unicodeScalars {
            if isEscaped {
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
                continue
            } else if scalar == "\"" {
                break
            }
            value.unicodeScalars.append(scalar)
        }
        return try JSONDecoder().decode(String.self, from: Data("\"\(value)\"".utf8))
    }

    /// Up to the next key: a blank, letters, and an equals sign without a backslash before it.
    private static func extensionValue(_ name: String, in line: String) throws -> String {
        let start = try #require(line.range(of: " \(name)=")).upperBound
        let rest = String(line[start...])
        let end = rest.range(of: #" [A-Za-z0-9]+=(?<!\\=)"#, options: .regularExpression)?.lowerBound ?? rest.endIndex
        let value = rest[..<end].replacingOccurrences(of: "\\=", with: "=").replacingOccurrences(of: "\\\\", with: "\\")
        return try JSONDecoder().decode(String.self, from: Data("\"\(value)\"".utf8))
    }

    @Test("AC-90 a copy holds no text that its record does not hold", arguments: AuditSink.Format.allCases)
    func nothingAdded(format: AuditSink.Format) throws {
        let copy = try Self.copy(format, Self.record("SECRET"))
        #expect(copy.contains("SECRET"))
        let without = try Self.copy(format, Self.record("other"))
        for word in ["SECRET", "Authorization", "X-Matrix", "sig=", "PRIVATE KEY", "access_token"] {
            #expect(!without.contains(word), "\(word)")
        }
    }

    @Test("the plain format is the record itself, so that its hash is in the tree")
    func verbatim() { #expect(AuditSink.Format.json.copy(of: Self.record("plain")) == Self.record("plain")) }

    @Test("who acts and on whom stands where each form has users, by pseudonym")
    func users() throws {
        var encoder = try EncodingTests.encoder()
        encoder.encode(EncodingTests.named("@who:a.example"))
        let record = encoder.complete(sequence: 7)
        let members = try #require(try JSONSerialization.jsonObject(with: Data(record)) as? [String: Any])
        let (subject, target) = (
            try #require(members["subject"] as? String), try #require(members["target"] as? String)
        )
        func parsed(_ format: AuditSink.Format) throws -> [String: Any] {
            let bytes = Data(try Self.copy(format, record).utf8)
            return try JSONSerialization.jsonObject(with: bytes) as? [String: Any] ?? [:]
        }
        let user = try parsed(.ecs)["user"] as? [String: Any]
        #expect(user?["id"] as? String == subject && (user?["target"] as? [String: String])?["id"] == target)
        let actor = try parsed(.ocsf)["actor"] as? [String: [String: String]]
        #expect(actor?["user"]?["uid"] == subject)
        let metadata = try parsed(.ocsf)["metadata"] as? [String: Any]
        #expect(metadata?["profiles"] as? [String] == ["host", "security_control"])
        let cef = try Self.copy(.cef, record)
        #expect(cef.contains(" suid=\(subject) ") && cef.contains(" duid=\(target) "))
        for format in AuditSink.Format.allCases {
            #expect(try Self.copy(format, record).contains(subject), "\(format)")
        }
    }

    @Test("what is no record has no copy", arguments: AuditSink.Format.allCases)
    func noRecord(format: AuditSink.Format) {
        let good = Self.record("plain")
        #expect(format.copy(of: good) != nil)
        #expect(format.copy(of: []) == nil)
        #expect(format.copy(of: Array(good.dropLast())) == nil)
        #expect(format.copy(of: Array("{}".utf8)) == nil)
        #expect(format.copy(of: [UInt8](repeating: 0x7B, count: 60_000)) == nil)
        #expect(format.copy(of: [UInt8](repeating: 0x20, count: 70_000) + good) == nil)
        // A record into which somebody wrote a character that acts.
        let raw = String(decoding: good, as: UTF8.self).replacingOccurrences(of: "plain", with: "\u{202E}")
        #expect(format.copy(of: Array(raw.utf8)) == nil)
    }

    @Test("a record of the largest size has a copy of a bounded size", arguments: AuditSink.Format.allCases)
    func largest(format: AuditSink.Format) throws {
        var record = EncodingTests.full(String(repeating: "\u{1}\\\"]", count: 200))
        record.refusals = Array(repeating: record.refusals[0], count: 200)
        record.authors = Array(repeating: record.authors[0], count: 200)
        var encoder = RecordEncoder(node: "gw-1")
        encoder.encode(record)
        let bytes = encoder.complete(sequence: 1)
        #expect(bytes.count > 50_000)
        let copy = try Self.copy(format, bytes)
        #expect(copy.utf8.count <= AuditSink.Format.copyLimit)
        if format == .cef { #expect(copy.hasSuffix(" ententeOmitted=ententeAuthors,ententeRefusals")) }
    }
}
